package io.trustedlaunch.bench;

import io.fabric8.kubernetes.api.model.Node;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.RecoveryPair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The most and the largest that a namespace, a node and a bucket may write, and what operator and agent have in memory then. It
 * fails if one of them ends, or if something is not refused.
 */
final class Allowed implements Row {
    private static final double MEBIBYTE = 1 << 20;
    /** What comes and goes: a page of a list, as bytes and as objects, and what is young. */
    private static final double WORKING = 80;

    private final List<Figure> figures = new ArrayList<>();

    @Override
    public String name() {
        return "allowed";
    }

    @Override
    public String summary() {
        return "the most that a namespace, a node and a bucket may write, and the memory beside it";
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        Stand stand = run.stand();
        OperatorJvm operator = stand.operator();
        // With all that the chart can add to an object.
        operator.setArguments(List.of(
                "--recovery-certificate",
                RecoveryPair.make(stand.root(), "ec:P-256").certificateFile().toString(),
                // What is measured is memory; a busy machine may be slow to renew a Lease.
                "--leader-elect-lease-seconds",
                "60"));
        Node lone = LoneAgent.node(stand.cluster());
        Process agent = LoneAgent.start(stand.cluster(), lone, stand.root());
        try {
            restart(stand);
            stand.awaitNode(lone.getMetadata().getName());
            namespaces(stand, new Part(agent.pid()));
            HostileNode.measure(stand, lone, figures);
            HostileBucket.measure(stand, figures);
            restart(stand);
            live("operator: live heap after another start", stand);
            if (!agent.isAlive()) {
                throw new IllegalStateException("the agent ended");
            }
            return figures;
        } finally {
            agent.destroyForcibly().waitFor();
        }
    }

    private void namespaces(Stand stand, Part agent) throws Exception {
        double heap = stand.operator().part().heapBytes() / MEBIBYTE;
        figures.add(Figure.of("operator: heap", "MiB", heap));
        double before = live("operator: live heap without them", stand);
        double agentHeap = agent.heapBytes() / MEBIBYTE;
        figures.add(Figure.of("agent: heap", "MiB", agentHeap));
        double agentBefore = liveOf(agent, stand);
        figures.add(Figure.of("agent: live heap without VMs", "MiB", agentBefore));
        FilledNamespace filled = new FilledNamespace(stand);
        filled.fill();
        filled.refused().values().forEach(System.err::println);
        int objects =
                filled.created().values().stream().mapToInt(Integer::intValue).sum();
        figures.add(Figure.of("namespace: objects", "", objects).noting(text(filled.created())));
        filled.json()
                .forEach((kind, sizes) ->
                        figures.add(Figure.of("namespace: JSON of " + kind, "MiB", sizes.getSum() / MEBIBYTE)
                                .noting("the largest %.1f KiB".formatted(sizes.getMax() / 1024.0))));
        restart(stand);
        double after = live("operator: live heap with one namespace", stand);
        figures.add(Figure.of(
                        "namespaces of that sort that fit",
                        "",
                        Math.floor((heap - before - WORKING) / (after - before)))
                .noting("with " + WORKING + " MiB for what comes and goes"));
        double agentAfter = liveOf(agent, stand);
        figures.add(Figure.of("agent: live heap with the VMs of one namespace", "MiB", agentAfter));
    }

    private static String text(Map<String, Integer> counts) {
        return counts.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
    }

    private static void restart(Stand stand) throws IOException, InterruptedException {
        stand.operator().stop();
        stand.operator().start();
        stand.awaitQuiet();
    }

    private double live(String name, Stand stand) throws IOException, InterruptedException {
        stand.operator().requireAlive();
        double live = stand.operator().liveHeapBytes() / MEBIBYTE;
        figures.add(Figure.of(name, "MiB", live));
        return live;
    }

    private static double liveOf(Part agent, Stand stand) throws IOException, InterruptedException {
        return agent.liveHeapBytes(stand.root().resolve("agent.histogram")) / MEBIBYTE;
    }

    /** Of the operator, in MiB. */
    static double live(Stand stand) throws IOException, InterruptedException {
        stand.operator().requireAlive();
        return stand.operator().liveHeapBytes() / MEBIBYTE;
    }

    static String ours(String plural) {
        return "/apis/trustedlaunch.io/v1alpha1/namespaces/" + Cluster.NAMESPACE + "/" + plural;
    }
}
