package io.trustedlaunch.cli.fencer;

import io.trustedlaunch.fencer.FencerConfiguration;
import io.trustedlaunch.fencer.FencerProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs a fencer until it loses its lease or is stopped. */
@Command(
        name = "fencer",
        description =
                "Run a fencer, which cuts the power of machines when the operator wants that. It needs fence_redfish or"
                        + " fence_ipmilan.",
        mixinStandardHelpOptions = true)
final class FencerCommand implements Callable<Integer> {
    private static final int MAX_PORT = 65_535;

    /** With a shorter lease, a slow API server would cost leaders their lease. */
    private static final int MIN_LEASE_SECONDS = 3;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--namespace",
            required = true,
            description = "Namespace of the fencer: it holds the Secrets of FenceDevices, and no others.")
    private String namespace;

    @Option(
            names = "--health-port",
            defaultValue = "0",
            description = "Port for /healthz and /readyz; 0 disables it. Default: ${DEFAULT-VALUE}.")
    private int healthPort;

    @Option(
            names = "--leader-elect-lease-seconds",
            defaultValue = "12",
            description = "Seconds after which another replica replaces a leader that does not respond."
                    + " Default: ${DEFAULT-VALUE}.")
    private int leaseSeconds;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (healthPort < 0 || healthPort > MAX_PORT) {
            throw new ParameterException(
                    spec.commandLine(), "--health-port must be between 0 and " + MAX_PORT + ": " + healthPort);
        }
        if (leaseSeconds < MIN_LEASE_SECONDS) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--leader-elect-lease-seconds must be at least " + MIN_LEASE_SECONDS + ": " + leaseSeconds);
        }
        OptionalInt health = healthPort == 0 ? OptionalInt.empty() : OptionalInt.of(healthPort);
        new FencerProcess(new FencerConfiguration(namespace, Duration.ofSeconds(leaseSeconds), health)).run();
        return ExitCode.SOFTWARE;
    }
}
