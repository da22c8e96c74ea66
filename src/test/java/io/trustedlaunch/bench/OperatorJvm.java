package io.trustedlaunch.bench;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.cli.operator.OperatorMain;
import io.trustedlaunch.operator.OperatorProcess;
import io.trustedlaunch.testkit.Cluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The operator in a process of its own, with the rights that it has in production. */
final class OperatorJvm implements AutoCloseable {
    private static final String ACCOUNT = "trusted-launch-operator";
    private static final Duration PATIENCE = Cluster.TIMEOUT;
    private static final Duration GRACE = Duration.ofSeconds(30);
    private final Cluster cluster;
    private final Path folder;
    private List<String> options;
    private List<String> arguments = List.of();
    private volatile Process process;
    private int started;

    /** @param options of its JVM */
    OperatorJvm(Cluster cluster, Path folder, List<String> options) {
        this.cluster = cluster;
        this.folder = folder;
        this.options = List.copyOf(options);
        Runtime.getRuntime().addShutdownHook(new Thread(this::end));
    }

    /** It must not outlive this process. */
    private void end() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    /** Instead of the present ones, from the next start on. */
    void setOptions(List<String> others) {
        options = List.copyOf(others);
    }

    /** Of the operator, from the next start on. */
    void setArguments(List<String> further) {
        arguments = List.copyOf(further);
    }

    List<String> options() {
        return options;
    }

    /** Returns when it leads. */
    void start() throws IOException {
        Files.createDirectories(folder);
        Path kubeconfig = folder.resolve("operator.kubeconfig");
        Files.writeString(
                kubeconfig, cluster.kubeconfigWith(cluster.token(Cluster.NAMESPACE, ACCOUNT, Optional.empty())));
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(options);
        command.addAll(List.of(
                "-XX:+ExitOnOutOfMemoryError",
                // jcmd is asked what lives in the heap.
                "-XX:-DisableAttachMechanism",
                "-cp",
                System.getProperty("bench.product", System.getProperty("java.class.path")),
                OperatorMain.class.getName(),
                "operator",
                "--namespace",
                Cluster.NAMESPACE));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        // As in the chart.
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        Path log = folder.resolve("operator-" + ++started + ".log");
        process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        await("the operator to lead")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> leads());
    }

    private boolean leads() {
        requireAlive();
        return Optional.ofNullable(cluster.admin()
                        .leases()
                        .inNamespace(Cluster.NAMESPACE)
                        .withName(OperatorProcess.LEASE)
                        .get())
                .map(lease -> lease.getSpec().getHolderIdentity())
                .filter(holder -> !holder.isEmpty())
                .isPresent();
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    void requireAlive() {
        if (!isAlive()) {
            throw new IllegalStateException("the operator ended: see the last " + folder + "/operator-*.log");
        }
    }

    Part part() {
        return new Part(process.pid());
    }

    /** What lives in its heap after a collection; by classes in a file beside its log. */
    long liveHeapBytes() throws IOException, InterruptedException {
        return part().liveHeapBytes(folder.resolve("operator-" + started + ".histogram"));
    }

    /** Ends it as a kubelet does, so that its log and its recordings are complete. */
    void stop() throws InterruptedException {
        if (process != null) {
            process.destroy();
            if (!process.waitFor(GRACE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            giveUpLease();
        }
    }

    /**
     * So that its successor does not wait for the Lease to expire. Its mark stays: without it, the data of the cluster would
     * look as if it had been restored, and starts would wait.
     */
    private void giveUpLease() {
        cluster.admin()
                .leases()
                .inNamespace(Cluster.NAMESPACE)
                .withName(OperatorProcess.LEASE)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"holderIdentity\": \"\"}}");
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
