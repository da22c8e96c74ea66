package io.trustedlaunch.bench;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Call.Response;
import io.trustedlaunch.testkit.Cluster;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;

/** A node whose agent and kubelet write as much as they may, over and over. */
final class HostileNode {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CLUSTER_NODES = "/apis/trustedlaunch.io/v1alpha1/clusternodes/";
    private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/" + Cluster.NAMESPACE + "/leases/";
    private static final double MEBIBYTE = 1 << 20;
    /** Storage locations, each with as much as it may have: the API server takes no object of more. */
    private static final int LOCATIONS = 128;

    private static final int TIMES = 30;

    private final KubernetesClient agent;
    private final KubernetesClient kubelet;
    private final String name;

    private HostileNode(Cluster cluster, Node node) {
        this.name = node.getMetadata().getName();
        this.agent = cluster.agentOf(node);
        this.kubelet =
                cluster.impersonating("system:node:" + name, List.of("system:nodes", "system:authenticated"), Map.of());
    }

    /** @param lone a node with VMs, whose token is stolen */
    static void measure(Stand stand, Node lone, List<Figure> figures) throws Exception {
        Cluster cluster = stand.cluster();
        double before = Allowed.live(stand);
        HostileNode node = new HostileNode(cluster, cluster.node(Cluster.uniqueName("hostile")));
        // The operator registers a node whose agent renews its Lease.
        await("a ClusterNode of " + node.name)
                .atMost(Cluster.TIMEOUT)
                .until(() -> node.renew()
                        && cluster.admin()
                                        .resources(ClusterNode.class)
                                        .withName(node.name)
                                        .get()
                                != null);
        int status = node.reportMost();
        int labels = node.labelMost();
        int incarnations = new HostileNode(cluster, lone).inflateIncarnations(cluster.admin());
        stand.awaitQuiet();
        double after = Allowed.live(stand);
        figures.add(Figure.of("node: JSON that agent and kubelet write", "MiB", (status + labels) / MEBIBYTE)
                .noting("ClusterNode %.2f, Node %.2f".formatted(status / MEBIBYTE, labels / MEBIBYTE)));
        figures.add(Figure.of("operator: live heap of one node", "MiB", after - before)
                .noting("and " + incarnations + " statuses of its VMs"));
        for (int i = 0; i < TIMES; i++) {
            node.report(LOCATIONS / 2, i);
        }
        stand.awaitQuiet();
        figures.add(
                Figure.of("operator: live heap after " + TIMES + " reports of that size", "MiB", Allowed.live(stand)));
    }

    /** Its Lease, with as much as it may have. */
    private boolean renew() {
        ObjectNode metadata = JSON.createObjectNode().put("name", "node-" + name);
        ObjectNode labels = metadata.putObject("labels");
        ObjectNode annotations = metadata.putObject("annotations");
        IntStream.range(0, 16).forEach(i -> {
            labels.put("p".repeat(253) + "/l" + i, "v".repeat(63));
            annotations.put("p".repeat(253) + "/a" + i, "v".repeat(1024));
        });
        ObjectNode lease = JSON.createObjectNode()
                .put("apiVersion", "coordination.k8s.io/v1")
                .put("kind", "Lease");
        lease.set("metadata", metadata);
        lease.putObject("spec")
                .put("holderIdentity", "h".repeat(253))
                .put("leaseDurationSeconds", 40)
                .put("renewTime", Instant.now().truncatedTo(ChronoUnit.MICROS).toString());
        Response response =
                Call.apply(LEASES + "node-" + name, lease.toString()).by(agent);
        if (!response.succeeded()) {
            throw new IllegalStateException(response.message());
        }
        return true;
    }

    /** Returns the bytes of the largest report that was taken. */
    private int reportMost() {
        int most = LOCATIONS;
        while (!report(most, 0).succeeded()) {
            most -= 4;
        }
        return status(most, 0).length();
    }

    private Response report(int locations, int number) {
        return Call.merge(CLUSTER_NODES + name + "/status", status(locations, number))
                .by(agent);
    }

    private String status(int locations, int number) {
        ObjectNode status = JSON.createObjectNode();
        ArrayNode all = status.putArray("storageLocations");
        for (int i = 0; i < locations; i++) {
            ObjectNode location = all.addObject()
                    .put("name", "l".repeat(249) + "%04d".formatted(i))
                    .put("ready", false)
                    .put("reason", "r".repeat(1024))
                    .put("message", "m".repeat(4090) + "%06d".formatted(number));
            ArrayNode peers = location.putArray("peers");
            IntStream.range(0, 16)
                    .forEach(p -> peers.addObject()
                            .put("nodeName", "n".repeat(250) + "%03d".formatted(p))
                            .put("token", "t".repeat(64)));
        }
        ArrayNode domains = status.putObject("answer")
                .put("leader", "x".repeat(253))
                .put("bootID", new UUID(1, 1).toString())
                .putArray("domains");
        IntStream.range(0, 4096)
                .forEach(i -> domains.addObject()
                        .put("vmUID", new UUID(2, i).toString())
                        .put("epoch", 1)
                        .put("proof", "p".repeat(83)));
        status.set("incarnationFields", texts(1024, 40));
        status.set("networks", texts(512, 40));
        return JSON.createObjectNode().set("status", status).toString();
    }

    private static ArrayNode texts(int count, int length) {
        ArrayNode texts = JSON.createArrayNode();
        IntStream.range(0, count).forEach(i -> texts.add("%04d".formatted(i) + "t".repeat(length - 4)));
        return texts;
    }

    /** Returns the bytes of the labels that its kubelet gave its Node. */
    private int labelMost() {
        for (int count = 20_000; ; count -= 500) {
            ObjectNode labels = JSON.createObjectNode();
            IntStream.range(0, count).forEach(i -> labels.put("l" + i, ""));
            String patch = "{\"metadata\": {\"labels\": " + labels + "}}";
            if (Call.merge("/api/v1/nodes/" + name, patch).by(kubelet).succeeded()) {
                return patch.length();
            }
        }
    }

    /** Returns how many. */
    private int inflateIncarnations(KubernetesClient admin) throws IOException {
        int inflated = 0;
        for (JsonNode one : JSON.readTree(new RawApi(admin).get(Allowed.ours("vmincarnations")))
                .path("items")) {
            if (one.at("/spec/nodeName").asText().equals(name)) {
                ObjectNode status = JSON.createObjectNode();
                status.put("message", "m".repeat(4096)).put("reason", "r".repeat(1024));
                String path = Allowed.ours("vmincarnations") + "/"
                        + one.at("/metadata/name").asText() + "/status";
                inflated += Call.merge(
                                        path,
                                        JSON.createObjectNode()
                                                .set("status", status)
                                                .toString())
                                .by(agent)
                                .succeeded()
                        ? 1
                        : 0;
            }
        }
        return inflated;
    }
}
