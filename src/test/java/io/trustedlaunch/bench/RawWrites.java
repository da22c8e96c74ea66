package io.trustedlaunch.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.testkit.Incarnations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Writes of objects like incarnations, with the same schema, that nobody watches: what the API server can do at most on this
 * machine, right now.
 */
final class RawWrites {
    private static final Path DEFINITION = Path.of("crds", "trustedlaunch.io_vmincarnations.yaml");
    private static final String GROUP = "bench.trustedlaunch.io";
    private static final String PATH = "/apis/" + GROUP + "/v1alpha1/namespaces/%s/rawwrites";
    private static final int CLIENTS = 16;

    private final KubernetesClient client;
    private final RawApi api;
    private final String path;
    private final ObjectMapper json = new ObjectMapper();
    private final ObjectNode template;
    private final AtomicInteger written = new AtomicInteger();

    RawWrites(KubernetesClient client, String namespace) throws IOException {
        this.client = client;
        this.api = new RawApi(client);
        this.path = String.format(PATH, namespace);
        VMIncarnation incarnation = Incarnations.incarnation(
                Incarnations.spec(1).build(),
                Incarnations.reported(Phase.Running).build());
        this.template = (ObjectNode) json.readTree(Serialization.asJson(incarnation));
        template.put("apiVersion", GROUP + "/v1alpha1").put("kind", "RawWrite");
        template.putObject("metadata");
        define();
    }

    private void define() throws IOException {
        CustomResourceDefinition definition =
                Serialization.unmarshal(Files.readString(DEFINITION), CustomResourceDefinition.class);
        definition.getMetadata().setName("rawwrites." + GROUP);
        definition.getSpec().setGroup(GROUP);
        var names = definition.getSpec().getNames();
        names.setKind("RawWrite");
        names.setListKind("RawWriteList");
        names.setPlural("rawwrites");
        names.setSingular("rawwrite");
        names.setShortNames(List.of());
        names.setCategories(List.of());
        client.resource(definition).forceConflicts().serverSideApply();
        client.resource(definition)
                .waitUntilCondition(
                        seen -> seen.getStatus() != null
                                && seen.getStatus().getConditions() != null
                                && seen.getStatus().getConditions().stream()
                                        .anyMatch(
                                                condition -> condition.getType().equals("Established")
                                                        && condition.getStatus().equals("True")),
                        60,
                        TimeUnit.SECONDS);
    }

    /** Writes for that long, half of them creations and half changes of a status. Returns the writes in a second. */
    double perSecond(Duration time) throws InterruptedException {
        long begin = System.nanoTime();
        long end = begin + time.toNanos();
        AtomicInteger writes = new AtomicInteger();
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                all.add(clients.submit(() -> {
                    while (System.nanoTime() < end) {
                        report(create());
                        writes.addAndGet(2);
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        removeAll();
        return writes.get() / seconds;
    }

    /** How long one creation after the other takes, in milliseconds. */
    double[] latencies(int count) {
        double[] took = new double[count];
        for (int i = 0; i < count; i++) {
            long begin = System.nanoTime();
            create();
            took[i] = (System.nanoTime() - begin) / 1e6;
        }
        removeAll();
        return took;
    }

    private String create() {
        String name = "raw-" + written.incrementAndGet();
        ObjectNode object = template.deepCopy();
        object.putObject("metadata").put("name", name);
        api.create(path, object.toString());
        return name;
    }

    private void report(String name) {
        ObjectNode change = json.createObjectNode();
        change.set("status", template.get("status"));
        api.merge(path + "/" + name + "/status", change.toString());
    }

    private void removeAll() {
        api.deleteAll(path);
    }
}
