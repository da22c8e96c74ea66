package io.trustedlaunch.cli;

import io.trustedlaunch.api.VMIncarnationSpec.Pace;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.operator.OperatorConfigurationBuilder;
import io.trustedlaunch.operator.OperatorProcess;
import io.trustedlaunch.operator.node.DrainBudget;
import io.trustedlaunch.placement.PlacementPolicy;
import io.trustedlaunch.placement.PlacementPolicy.Strategy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The operator: decides, and never touches a host. */
@Command(
        name = "operator",
        description = "Decides which VMs run where. The cluster is the one of KUBECONFIG, or the one it runs in.",
        mixinStandardHelpOptions = true)
final class OperatorCommand implements Callable<Integer> {
    private static final int ENDED = 1;
    private static final int HIGHEST_PORT = 65_535;

    /** With less, a busy API server would unseat leaders. */
    private static final int SHORTEST_LEASE = 3;

    /** Beyond that a number is a slip of the pen. */
    private static final int HIGHEST_OVERCOMMIT = 100;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--namespace",
            required = true,
            description = "The operator's own: protection keys, incarnations and Leases are there.")
    private String namespace;

    @Option(names = "--metrics-port", description = "Serves /healthz, /readyz and /metrics. Default: 0, not at all.")
    private int metricsPort;

    @Option(
            names = "--leader-elect-lease-seconds",
            defaultValue = "12",
            description = "After how long a leader that fell silent is succeeded. Default: ${DEFAULT-VALUE}.")
    private int leaseSeconds;

    @Option(
            names = "--recovery-certificate",
            paramLabel = "FILE",
            description = "Escrow each VM's protection key for this certificate, in PEM, beside the VM's files.")
    private Path recoveryCertificate;

    @Option(
            names = "--finished-migration-ttl-minutes",
            defaultValue = "60",
            description = "How long a VMMigration that has ended stays to be read. Default: ${DEFAULT-VALUE}.")
    private int migrationTtlMinutes;

    @Option(
            names = "--drain-parallel-per-node",
            defaultValue = "2",
            description = "How many VMs a drain moves off one node at once. Default: ${DEFAULT-VALUE}.")
    private int drainParallelPerNode;

    @Option(
            names = "--migrations-parallel",
            defaultValue = "5",
            description = "A drain begins no further move while so many are under way in the cluster."
                    + " Default: ${DEFAULT-VALUE}.")
    private int migrationsParallel;

    @Option(
            names = "--cores-overcommit",
            defaultValue = "4",
            description = "How many cores VMs may have in all for one of their host's. Memory is never promised twice."
                    + " Default: ${DEFAULT-VALUE}.")
    private double coresOvercommit;

    @Option(
            names = "--placement-strategy",
            defaultValue = "Spread",
            description = "Of the nodes that can take a VM: the emptiest (Spread) or the fullest (Pack)."
                    + " Default: ${DEFAULT-VALUE}.")
    private Strategy placementStrategy;

    @Option(
            names = "--migration-bandwidth",
            paramLabel = "MIB",
            defaultValue = "0",
            description = "How many MiB a second one moving VM takes of a link at most; 0: no limit."
                    + " Default: ${DEFAULT-VALUE}.")
    private int migrationBandwidth;

    @Option(
            names = "--migration-longest-pause-ms",
            defaultValue = "2000",
            description = "For how long a guest that moves may stand still at most for the last of its memory."
                    + " It begins with 300 and comes to this step by step. Default: ${DEFAULT-VALUE}.")
    private int migrationLongestPause;

    @Option(
            names = "--migration-passes-without-progress",
            defaultValue = "5",
            description = "After so many passes over a guest's memory that left no less to be sent, it may stand still"
                    + " longer; when it may no longer, its move is given up. Default: ${DEFAULT-VALUE}.")
    private int migrationPasses;

    @Option(names = "--failpoints", hidden = true, description = "For tests: a folder of armed failpoints.")
    private Path failpoints;

    @Override
    public Integer call() throws Exception {
        if (metricsPort < 0 || metricsPort > HIGHEST_PORT) {
            throw new ParameterException(spec.commandLine(), "--metrics-port is not a port: " + metricsPort);
        }
        if (leaseSeconds < SHORTEST_LEASE) {
            throw new ParameterException(
                    spec.commandLine(), "--leader-elect-lease-seconds is at least " + SHORTEST_LEASE);
        }
        if (!(coresOvercommit >= 1 && coresOvercommit <= HIGHEST_OVERCOMMIT)) {
            throw new ParameterException(
                    spec.commandLine(), "--cores-overcommit is between 1 and " + HIGHEST_OVERCOMMIT);
        }
        atLeastOne("--finished-migration-ttl-minutes", migrationTtlMinutes);
        atLeastOne("--drain-parallel-per-node", drainParallelPerNode);
        atLeastOne("--migrations-parallel", migrationsParallel);
        if (migrationBandwidth < 0) {
            throw new ParameterException(spec.commandLine(), "--migration-bandwidth is at least 0");
        }
        atLeastOne("--migration-longest-pause-ms", migrationLongestPause);
        atLeastOne("--migration-passes-without-progress", migrationPasses);
        new OperatorProcess(OperatorConfigurationBuilder.builder()
                        .namespace(namespace)
                        .leaseDuration(Duration.ofSeconds(leaseSeconds))
                        .recovery(Optional.ofNullable(recoveryCertificate).map(this::recoveryCertificate))
                        .migrationsKept(Duration.ofMinutes(migrationTtlMinutes))
                        .drainBudget(new DrainBudget(drainParallelPerNode, migrationsParallel))
                        .placementPolicy(new PlacementPolicy(coresOvercommit, placementStrategy))
                        .pace(new Pace(migrationBandwidth, migrationLongestPause, migrationPasses))
                        .failpoints(Optional.ofNullable(failpoints))
                        .metricsPort(metricsPort == 0 ? OptionalInt.empty() : OptionalInt.of(metricsPort))
                        .build())
                .run();
        return ENDED;
    }

    private void atLeastOne(String option, int value) {
        if (value < 1) {
            throw new ParameterException(spec.commandLine(), option + " is at least 1");
        }
    }

    private RecoveryCertificate recoveryCertificate(Path file) {
        try {
            return RecoveryCertificate.fromPem(Files.readString(file));
        } catch (IOException e) {
            throw new ParameterException(
                    spec.commandLine(), "--recovery-certificate " + file + " cannot be read: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--recovery-certificate " + file + " " + e.getMessage());
        }
    }
}
