package io.trustedlaunch.bench;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.process.ApiClient;
import io.trustedlaunch.testkit.Cluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An agent in a process of its own, whose memory is measured. */
final class LoneAgent {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    static final Map<String, String> LABELS = Map.of("bench", "lone");
    /** Those of the chart, from {@code bin/bench}. */
    private static final String OPTIONS = System.getProperty("bench.agent-jvm", "-Xmx128m -XX:+UseSerialGC");

    private static final double MOST_RESIDENT = 128;
    private static final double MEBIBYTE = 1 << 20;

    private LoneAgent() {}

    /** Runs until it is killed: the node's name and the folder for its files; KUBECONFIG has its rights. */
    public static void main(String[] arguments) throws Exception {
        var client = ApiClient.connect();
        BenchNode node = new BenchNode(arguments[0], client, Path.of(arguments[1]), new SimulatedGuests());
        node.start();
        Thread.sleep(Long.MAX_VALUE);
    }

    static Figure measure(Stand stand) throws IOException, InterruptedException {
        Cluster cluster = stand.cluster();
        Node node = node(cluster);
        String name = node.getMetadata().getName();
        Process process = start(cluster, node, stand.root());
        try {
            stand.awaitNode(name);
            List<String> vms = stand.load().names(stand.scale().batch());
            stand.load().createAll(vms, LABELS);
            stand.watch().awaitAddressed(vms, PATIENCE, stand.operator()::requireAlive);
            stand.awaitQuiet();
            double resident = new Part(process.pid()).residentBytes() / MEBIBYTE;
            stand.load().deleteAll(vms);
            stand.watch().awaitGone(vms, PATIENCE, stand.operator()::requireAlive);
            return Figure.of("agent, " + vms.size() + " VMs: resident", "MiB", resident)
                    .atMost(MOST_RESIDENT)
                    .noting(OPTIONS + ", hypervisor in memory");
        } finally {
            process.destroyForcibly().waitFor();
            cluster.admin().resources(ClusterNode.class).withName(name).delete();
        }
    }

    /** Approved, and with {@link #LABELS}. */
    static Node node(Cluster cluster) {
        return cluster.create(new NodeBuilder()
                .withNewMetadata()
                .withName(Cluster.uniqueName("lone"))
                .withLabels(LABELS)
                .addToLabels(Enrolment.LABEL, Enrolment.APPROVED)
                .endMetadata()
                .build());
    }

    /** In the background; nothing ends it but its caller. */
    static Process start(Cluster cluster, Node node, Path root) throws IOException {
        String name = node.getMetadata().getName();
        Path folder = Files.createDirectories(root.resolve(name));
        Path kubeconfig = folder.resolve("kubeconfig");
        Files.writeString(
                kubeconfig, cluster.kubeconfigWith(cluster.token(Cluster.NAMESPACE, Cluster.AGENT, Optional.of(node))));
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString());
        builder.command().addAll(List.of(OPTIONS.split(" ")));
        // jcmd is asked what lives in the heap.
        builder.command().add("-XX:-DisableAttachMechanism");
        builder.command()
                .addAll(List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        LoneAgent.class.getName(),
                        name,
                        root.toString()));
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        // As in the chart.
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        return builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("agent.log").toFile())
                .start();
    }
}
