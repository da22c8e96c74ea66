package io.trustedlaunch.cli.operator;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.operator.OperatorProcess;
import io.trustedlaunch.process.ApiClient;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The command that {@code helm test} runs. An operator renews its Lease only if it may work: the policies and its rights are
 * there.
 */
@Command(
        name = "check",
        description = "Wait until an operator leads: it renews its Lease. Ends with an error if none does.",
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--namespace", required = true, description = "Namespace of the operator.")
    private String namespace;

    @Option(
            names = "--timeout-seconds",
            defaultValue = "60",
            description = "How long to wait. Default: ${DEFAULT-VALUE}.")
    private int timeoutSeconds;

    @Override
    public Integer call() throws InterruptedException {
        try (KubernetesClient client = ApiClient.connect()) {
            Optional<String> leader = leader(
                    () -> Optional.ofNullable(client.leases()
                            .inNamespace(namespace)
                            .withName(OperatorProcess.LEASE)
                            .get()),
                    timeoutSeconds,
                    () -> TimeUnit.SECONDS.sleep(1));
            if (leader.isEmpty()) {
                spec.commandLine()
                        .getErr()
                        .println("no operator has renewed Lease " + OperatorProcess.LEASE + " in namespace " + namespace
                                + " within " + timeoutSeconds + " seconds; see kubectl logs -n " + namespace
                                + " deployment/trusted-launch-operator");
                return ExitCode.SOFTWARE;
            }
            spec.commandLine().getOut().println("operator " + leader.get() + " leads");
            return ExitCode.OK;
        }
    }

    /** A pause between two looks. */
    interface Pause {
        void take() throws InterruptedException;
    }

    /** The holder whose renewal was seen, so that no clock has to agree with another. */
    static Optional<String> leader(Supplier<Optional<Lease>> lease, int looks, Pause pause)
            throws InterruptedException {
        Optional<ZonedDateTime> first = renewal(lease.get());
        for (int look = 0; look < looks; look++) {
            pause.take();
            Optional<Lease> now = lease.get();
            if (!renewal(now).equals(first) && holder(now).isPresent()) {
                return holder(now);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> holder(Optional<Lease> lease) {
        return lease.map(found -> found.getSpec().getHolderIdentity()).filter(holder -> !holder.isEmpty());
    }

    private static Optional<ZonedDateTime> renewal(Optional<Lease> lease) {
        return lease.map(found -> found.getSpec().getRenewTime());
    }
}
