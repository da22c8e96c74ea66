package io.trustedlaunch.bench;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.quota.QuotaAmounts;
import io.trustedlaunch.api.quota.VMQuota;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Call.Response;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.SecretGrant;
import io.trustedlaunch.testkit.Tenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/** A namespace with the quotas of examples/quota.yaml, in which a tenant has created the most and the largest that they allow. */
final class FilledNamespace {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String GROUP = "/apis/trustedlaunch.io/v1alpha1";
    private static final Path QUOTAS = Path.of("examples/quota.yaml");
    /** More of one kind than any quota should allow. */
    private static final int ENDLESS = 2000;

    private static final int USER_DATA = 255 << 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Stand stand;
    private final KubernetesClient admin;
    private final String name;
    private final Tenant tenant;
    private final KubernetesClient client;
    private final Map<String, Integer> created = new TreeMap<>();
    private final Map<String, String> refused = new TreeMap<>();

    FilledNamespace(Stand stand) {
        this.stand = stand;
        this.admin = stand.cluster().admin();
        this.name = stand.cluster().namespace();
        this.tenant = new Tenant(stand.cluster(), name, Cluster.uniqueName("tenant"));
        this.client = tenant.client();
    }

    /** By kind, what the tenant has created. */
    Map<String, Integer> created() {
        return created;
    }

    /** By kind, why there were no more. */
    Map<String, String> refused() {
        return refused;
    }

    String name() {
        return name;
    }

    /** Returns when its VMs run, as many as may. */
    void fill() throws IOException {
        tenant.grant("edit");
        tenant.grant("trusted-launch-console");
        limit();
        stand.cluster().create(SecretGrant.of(name));
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(name)
                        .withName("init")
                        .endMetadata()
                        .withStringData(Map.of("user-data", "#cloud-config\n" + "#".repeat(USER_DATA)))
                        .build())
                .create();
        LargestObjects largest = new LargestObjects(owners(), tenant.user());
        for (String plural : kinds()) {
            fill(plural, largest);
        }
        long running = limits().vms();
        await(running + " VMs to run")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(2))
                .until(() -> {
                    stand.operator().requireAlive();
                    return running() == running;
                });
        completeBackups();
    }

    private long running() {
        return admin.resources(TrustedLaunchVM.class).inNamespace(name).list().getItems().stream()
                .filter(vm -> vm.getStatus() != null
                        && "Running".equals(String.valueOf(vm.getStatus().phase())))
                .count();
    }

    /** What an administrator gives a namespace; returns when it is in force. */
    private void limit() throws IOException {
        for (String document : Files.readString(QUOTAS).replace("team-a", name).split("(?m)^---$")) {
            HasMetadata quota = admin.getKubernetesSerialization().unmarshal(document);
            admin.resource(quota).create();
        }
        await("the ResourceQuota to be counted")
                .atMost(PATIENCE)
                .until(() -> admin.resourceQuotas().inNamespace(name).list().getItems().stream()
                        .allMatch(FilledNamespace::isCounted));
    }

    private static boolean isCounted(ResourceQuota quota) {
        return quota.getStatus() != null
                && quota.getStatus().getUsed() != null
                && quota.getSpec()
                        .getHard()
                        .keySet()
                        .equals(quota.getStatus().getUsed().keySet());
    }

    private List<JsonNode> owners() {
        List<JsonNode> owners = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            HasMetadata owner = client.resource(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withNamespace(name)
                            .withName("o".repeat(252) + i)
                            .endMetadata()
                            .build())
                    .create();
            owners.add(JSON.createObjectNode()
                    .put("apiVersion", "v1")
                    .put("kind", "ConfigMap")
                    .put("name", owner.getMetadata().getName())
                    .put("uid", owner.getMetadata().getUid()));
        }
        return owners;
    }

    /** What the tenant may create of the project's kinds. */
    private List<String> kinds() throws IOException {
        List<String> kinds = new ArrayList<>();
        try (var definitions = Files.list(Path.of("crds"))) {
            definitions
                    .map(file -> file.getFileName().toString().replaceAll(".*_|\\.yaml", ""))
                    .sorted()
                    .filter(this::mayCreate)
                    .forEach(kinds::add);
        }
        return kinds;
    }

    private boolean mayCreate(String plural) {
        return client.resource(new SelfSubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withNewResourceAttributes()
                        .withNamespace(name)
                        .withVerb("create")
                        .withGroup("trustedlaunch.io")
                        .withResource(plural)
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .create()
                .getStatus()
                .getAllowed();
    }

    private void fill(String plural, LargestObjects largest) throws IOException {
        ObjectNode vm = small();
        for (int number = 0; number < ENDLESS; number++) {
            String object = largest.of(plural, "x".repeat(40) + "-%04d".formatted(number), vm)
                    .orElseThrow(() ->
                            new IllegalStateException("a tenant may create " + plural + ", which is not measured"))
                    .toString();
            Response response = new Call("POST", path(plural), "application/json", object).by(client);
            if (!response.succeeded()) {
                if (!response.message().contains("exceeded quota")) {
                    throw new IllegalStateException(plural + ": " + response.message());
                }
                refused.put(plural, response.message());
                created.put(plural, number);
                return;
            }
        }
        throw new IllegalStateException("nothing limits how many " + plural + " a namespace has");
    }

    private ObjectNode small() throws IOException {
        return (ObjectNode) JSON.readTree(Serialization.asJson(stand.offer().vm("small", LoneAgent.LABELS)));
    }

    private String path(String plural) {
        return GROUP + "/namespaces/" + name + "/" + plural;
    }

    /** As many as count, as if each had come to its end: with an escrow, which has all that the tenant wrote of a VM. */
    private void completeBackups() throws IOException {
        String vms = new RawApi(admin).get(path("trustedlaunchvms") + "?limit=1");
        int escrow = (JSON.readTree(vms).at("/items/0").toString().length() + 2048) * 4 / 3;
        ObjectNode status = JSON.createObjectNode();
        status.put("phase", "Completed").put("vmUID", UUID.randomUUID().toString());
        status.put("startTime", "2026-01-01T00:00:00Z").put("completionTime", "2026-01-01T00:00:01Z");
        status.put("escrow", "e".repeat(Math.min(escrow, 262_144)));
        long backups = limits().backups();
        List<VMBackup> all =
                admin.resources(VMBackup.class).inNamespace(name).list().getItems();
        for (VMBackup backup : all.subList(0, Math.toIntExact(Math.min(backups, all.size())))) {
            status.put("backupUID", backup.getMetadata().getUid());
            new RawApi(admin)
                    .merge(
                            path("vmbackups") + "/" + backup.getMetadata().getName() + "/status",
                            JSON.createObjectNode().set("status", status).toString());
        }
    }

    /** By kind, the JSON of the tenant's objects and of the operator's about them: of the largest, and of all. */
    Map<String, LongSummaryStatistics> json() throws IOException {
        Map<String, LongSummaryStatistics> sizes = new TreeMap<>();
        for (String plural : created.keySet()) {
            sizes.put(plural, sizes(path(plural), one -> true));
        }
        sizes.put(
                "vmincarnations",
                sizes(
                        Allowed.ours("vmincarnations"),
                        one -> one.at("/spec/vmRef/namespace").asText().equals(name)));
        return sizes;
    }

    private LongSummaryStatistics sizes(String list, Predicate<JsonNode> wanted) throws IOException {
        return StreamSupport.stream(
                        JSON.readTree(new RawApi(admin).get(list)).path("items").spliterator(), false)
                .filter(wanted)
                .mapToLong(one -> one.toString().length())
                .summaryStatistics();
    }

    private QuotaAmounts limits() {
        return admin.resources(VMQuota.class)
                .inNamespace(name)
                .list()
                .getItems()
                .getFirst()
                .getSpec()
                .hard();
    }
}
