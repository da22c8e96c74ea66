package io.trustedlaunch.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.custody.AssignmentKey;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.testkit.Cluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** VMs that run already: records like those of one that really came to run, since thousands of starts would take an hour. */
final class Crowd implements AutoCloseable {
    private static final int WRITERS = 16;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String GROUP = "/apis/trustedlaunch.io/v1alpha1/namespaces/";

    private final Stand stand;
    private final ObjectMapper json = new ObjectMapper();
    private final RawApi api;
    private final List<CrowdNode> nodes = new ArrayList<>();
    private String uid;
    private String node;
    private ObjectNode vm;
    private ObjectNode incarnation;
    private ObjectNode key;
    private AssignmentKey operator;
    private int size;

    Crowd(Stand stand) {
        this.stand = stand;
        this.api = new RawApi(stand.cluster().admin());
    }

    /** While the operator runs. */
    void prepare() throws IOException, InterruptedException {
        for (int i = 0; i < stand.scale().nodes(); i++) {
            String name = Cluster.uniqueName("crowd");
            nodes.add(
                    new CrowdNode(name, stand.cluster().agentOf(stand.cluster().node(name)), stand.root()));
        }
        nodes.forEach(one -> one.start(stand.cluster().admin()));
        String name = "template";
        stand.load().createAll(List.of(name));
        stand.watch().awaitAddressed(List.of(name), PATIENCE, stand.operator()::requireAlive);
        stand.awaitNodes();
        stand.awaitQuiet();
        KubernetesClient admin = stand.cluster().admin();
        TrustedLaunchVM real = admin.resource(stand.offer().vm(name)).get();
        uid = real.getMetadata().getUid();
        node = real.getStatus().nodeName();
        vm = bare(real);
        incarnation = bare(admin.resources(VMIncarnation.class)
                .inNamespace(Cluster.NAMESPACE)
                .withName(VMIncarnation.nameOf(uid, 1))
                .get());
        key = bare(admin.secrets().inNamespace(Cluster.NAMESPACE).withName(uid).get());
        operator = assignmentKey(admin);
        stand.load().deleteAll(List.of(name));
        stand.watch().awaitGone(List.of(name), PATIENCE, stand.operator()::requireAlive);
    }

    /** What the operator proves with what it gave to a node. */
    private static AssignmentKey assignmentKey(KubernetesClient admin) {
        Map<String, String> authority = admin.secrets()
                .inNamespace(Cluster.NAMESPACE)
                .withName("trusted-launch-ca")
                .get()
                .getData();
        return NodeCertificateAuthority.fromPem(decoded(authority, "ca.key"), decoded(authority, "ca.crt"))
                .assignmentKey();
    }

    private static String decoded(Map<String, String> data, String name) {
        return new String(Base64.getDecoder().decode(data.get(name)), StandardCharsets.US_ASCII);
    }

    /** Without what the API server sets. */
    private ObjectNode bare(HasMetadata resource) throws IOException {
        ObjectNode object = (ObjectNode) json.readTree(Serialization.asJson(resource));
        ((ObjectNode) object.path("metadata"))
                .remove(List.of(
                        "uid",
                        "resourceVersion",
                        "creationTimestamp",
                        "generation",
                        "managedFields",
                        "ownerReferences"));
        return object;
    }

    int size() {
        return size;
    }

    /** While no operator runs. */
    void growTo(int wanted) throws InterruptedException {
        try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
            List<Future<?>> all = new ArrayList<>();
            for (; size < wanted; size++) {
                int number = size;
                all.add(writers.submit(() -> add(number)));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private void add(int number) {
        CrowdNode home = nodes.get(number % nodes.size());
        String namespace = stand.offer().namespace();
        String vms = GROUP + namespace + "/trustedlaunchvms";
        String incarnations = GROUP + Cluster.NAMESPACE + "/vmincarnations";
        String name = "crowd-" + number;
        try {
            ObjectNode created = vm.deepCopy();
            JsonNode status = created.remove("status");
            created.withObject("/metadata").put("name", name);
            String own = json.readTree(api.create(vms + "?fieldManager=kubectl", created.toString()))
                    .path("metadata")
                    .path("uid")
                    .asText();
            ObjectNode reported = json.createObjectNode().set("status", status);
            String change = of(reported, own, home, name);
            api.merge(vms + "/" + name + "/status?fieldManager=trusted-launch-operator", change);
            ObjectNode running = incarnation.deepCopy();
            ObjectNode applied = json.createObjectNode();
            applied.set("apiVersion", running.get("apiVersion"));
            applied.set("kind", running.get("kind"));
            applied.putObject("metadata").put("name", VMIncarnation.nameOf(own, 1));
            applied.set("status", running.remove("status"));
            api.create(incarnations + "?fieldManager=trusted-launch-operator", of(running, own, home, name));
            api.apply(
                    incarnations + "/" + VMIncarnation.nameOf(own, 1)
                            + "/status?fieldManager=trusted-launch-agent&force=true",
                    of(applied, own, home, name));
            api.create(
                    "/api/v1/namespaces/" + Cluster.NAMESPACE + "/secrets?fieldManager=trusted-launch-operator",
                    of(key, own, home, name));
            home.add(own, operator);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The template's record as one of that VM there. */
    private String of(ObjectNode template, String own, CrowdNode home, String name) {
        return template.toString()
                .replace(uid, own)
                .replace(node, home.name())
                .replace("\"template\"", "\"" + name + "\"");
    }

    @Override
    public void close() {
        nodes.forEach(CrowdNode::close);
    }
}
