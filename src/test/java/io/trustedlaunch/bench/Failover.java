package io.trustedlaunch.bench;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.testkit.AuditLog.Request;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A node with many VMs loses its power; it is off for longer than anybody watches it before that counts, and then a person says
 * so. From the proof on, what is measured is the product alone.
 */
final class Failover implements Row {
    private static final String LABEL = "bench.example/dies";
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** For longer than agents watch a beacon that must stand still. */
    private static final Duration OFF = Duration.ofSeconds(150);

    private static final double SECONDS = 10;
    private static final double WRITES = 6;

    @Override
    public String name() {
        return "failover";
    }

    @Override
    public String summary() {
        return "from the proof that a node with many VMs is dead until all of them run elsewhere";
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        Stand stand = run.stand();
        KubernetesClient admin = stand.cluster().admin();
        stand.warmUp(stand.scale().nodes());
        String dying = stand.anyNode();
        List<String> names = vmsOn(stand, dying);
        stand.crash(dying);
        Thread.sleep(OFF);
        long logged = stand.audit().end();
        state(stand.cluster().adminName(), admin, dying);
        await("the node to be proved dead")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> isProved(admin, dying));
        long proved = System.nanoTime();
        stand.watch().awaitFailedOver(names, PATIENCE, stand.operator()::requireAlive);
        double seconds = (stand.watch().allFailedOver(names) - proved) / 1e9;
        stand.awaitQuiet();
        List<Request> writes = stand.requestsSince(logged, Request::writes);
        long failed = writes.stream().filter(Request::failed).count();
        return List.of(
                Figure.of(names.size() + " VMs run elsewhere", "s", seconds)
                        .atMost(SECONDS)
                        .noting(stand.scale().nodes() - 1 + " nodes, of which each starts four at a time, all twenty"),
                Figure.of("writes a VM", "", (double) writes.size() / names.size())
                        .atMost(WRITES),
                Figure.of("failing writes", "", failed).atMost(0));
    }

    /** All run there, and may run on any node the next time. */
    private static List<String> vmsOn(Stand stand, String node) throws InterruptedException {
        KubernetesClient admin = stand.cluster().admin();
        admin.nodes().withName(node).patch(PatchContext.of(PatchType.JSON_MERGE), """
                {"metadata": {"labels": {"%s": "true"}}}""".formatted(LABEL));
        List<String> names = stand.load().names(stand.scale().batch());
        stand.load().createAll(names, Map.of(LABEL, "true"));
        stand.watch().awaitAddressed(names, PATIENCE, stand.operator()::requireAlive);
        names.forEach(name -> admin.resources(TrustedLaunchVM.class)
                .inNamespace(stand.offer().namespace())
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"nodeSelector\": null}}"));
        stand.awaitQuiet();
        return names;
    }

    private static void state(String user, KubernetesClient admin, String node) {
        var resource = admin.resources(ClusterNode.class).withName(node);
        resource.patch(PatchContext.of(PatchType.JSON_MERGE), """
                {"spec": {"fencing": {"statement": {"bootID": "%s", "confirmedBy": "%s"}}}}""".formatted(
                        resource.get().getStatus().answer().bootID(), user));
    }

    private static boolean isProved(KubernetesClient admin, String node) {
        return admin.resources(NodeFence.class).list().getItems().stream()
                .filter(fence -> fence.getSpec().nodeName().equals(node))
                .anyMatch(
                        fence -> fence.getStatus() != null && fence.getStatus().phase() == Phase.Proved);
    }
}
