package io.trustedlaunch.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.access.Served.Resource;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Call.Response;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Manifest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Each status, and each kind that is not for users, has the writer of the table and no other. The resources are those that the
 * API server says it serves, and requests are raw: kubectl reads a subresource before it writes, and is refused there.
 */
class WriterAccessIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final String GROUP = "/apis/trustedlaunch.io/v1alpha1";
    private static final String POLICY = "trusted-launch-writers";
    private static final String NAME = Cluster.uniqueName("writers");
    private static final Writers TABLE = Writers.read();

    private static String namespace;
    private static Node node;
    private static List<Resource> served;

    @BeforeAll
    static void createOneOfEachKind() {
        namespace = CLUSTER.namespace();
        node = CLUSTER.node(NAME);
        served = Served.of(CLUSTER.admin(), GROUP);
        Map<String, ObjectNode> samples = Samples.named(NAME, CLUSTER.adminName());
        for (Resource resource : served) {
            if (!resource.isSubresource()) {
                create(samples.get(resource.kind()), resource.namespaced() ? namespace : null);
                if (resource.namespaced()) {
                    create(samples.get(resource.kind()), Cluster.NAMESPACE);
                }
            }
        }
    }

    private static void create(ObjectNode sample, String where) {
        GenericKubernetesResource object = CLUSTER.admin()
                .getKubernetesSerialization()
                .unmarshal(sample.toString(), GenericKubernetesResource.class);
        object.getMetadata().setNamespace(where);
        CLUSTER.create(object);
    }

    /** The account of the review: it took another tenant's running VM. */
    @Test
    void whoIsClusterAdminInTheirNamespaceWritesNoStatusThere() {
        KubernetesClient owner = owner();
        List<String> taken = new ArrayList<>();
        for (Resource resource : served) {
            if (resource.isSubresource() && resource.namespaced()) {
                changes(resource, namespace).forEach((how, call) -> {
                    Response response = call.by(owner);
                    if (!response.message().contains(POLICY)) {
                        taken.add(how + " " + resource.name() + ": " + response);
                    }
                });
            }
        }
        assertThat(taken).isEmpty();
    }

    @Test
    void aStatusThatComesWithANewObjectIsNotKept() {
        KubernetesClient owner = owner();
        String name = Cluster.uniqueName("forged");
        Map<String, ObjectNode> forged = Samples.named(name, owner(owner));
        for (Resource resource : served) {
            if (resource.isSubresource() || !resource.namespaced() || !TABLE.isForUsers("create", resource.name())) {
                continue;
            }
            ObjectNode object = forged.get(resource.kind());
            object.putObject("status").put("phase", "Running").put("epoch", 50);
            assertThat(Call.create(resource.collection(namespace), object.toString())
                            .by(owner)
                            .message())
                    .isEmpty();
            assertThat(Served.read(CLUSTER.admin(), resource.object(namespace, name))
                            .path("status"))
                    .as(resource.name())
                    .isEqualTo(Served.read(CLUSTER.admin(), resource.object(namespace, NAME))
                            .path("status"));
        }
    }

    @Test
    void everyStatusHasTheWritersOfTheTableAndNoOthers() {
        Map<String, KubernetesClient> accounts = new LinkedHashMap<>();
        accounts.put("operator", token(Cluster.NAMESPACE, "trusted-launch-operator"));
        accounts.put("fencer", token("trusted-launch-fencing", "trusted-launch-fencer"));
        accounts.put("agent", CLUSTER.agentOf(node));
        accounts.put("importer", bound("imogen", "trusted-launch-backup-import", "backuplocations"));
        // Known once the later binding is: the former role reads nothing.
        bind("tess", "trusted-launch-edit");
        accounts.put("tenant", bound("tess", "trusted-launch-view", "trustedlaunchvms"));
        accounts.put("nodeAdmin", bound("nora", "trusted-launch-node-admin", "clusternodes"));
        accounts.put("policyAdmin", bound("paul", "trusted-launch-policy-admin", "imagecatalogs"));
        accounts.put("imageAdmin", bound("ines", "trusted-launch-image-admin", "guestimages"));
        accounts.put("quotaAdmin", bound("quinn", "trusted-launch-quota-admin", "vmquotas"));
        Map<String, String> wrong = new LinkedHashMap<>();
        for (Resource resource : served) {
            if (resource.isSubresource()) {
                accounts.forEach((account, client) -> {
                    List<Response> responses = changes(resource, Cluster.NAMESPACE).values().stream()
                            .map(call -> call.by(client))
                            .toList();
                    boolean may = TABLE.cellsOf(account).contains("update " + resource.name());
                    if (may
                            ? responses.stream().noneMatch(Response::succeeded)
                            : !responses.stream().allMatch(Response::forbidden)) {
                        wrong.put(account + " " + resource.name(), responses.toString());
                    }
                });
            }
        }
        assertThat(wrong).isEmpty();
    }

    /** So that it also holds where a role for the whole cluster is wider than it should be. */
    @Test
    void noRoleIsEnoughForWhatIsNotForUsers() {
        KubernetesClient writer = everyVerbOfWriting();
        List<String> taken = new ArrayList<>();
        Map<String, ObjectNode> samples = Samples.named(Cluster.uniqueName("role"), "wanda");
        for (Resource resource : served) {
            if (!TABLE.isForUsers("update", resource.name())) {
                note(
                        taken,
                        "update " + resource.name(),
                        mergeNothing(resource, namespace).by(writer));
            }
            if (!resource.isSubresource() && !TABLE.isForUsers("create", resource.name())) {
                Call create = Call.create(
                                resource.collection(namespace),
                                samples.get(resource.kind()).toString())
                        .dryRun();
                note(taken, "create " + resource.name(), create.by(writer));
                assertThat(create.by(CLUSTER.admin()).message())
                        .as(resource.name())
                        .isEmpty();
            }
        }
        assertThat(taken).isEmpty();
    }

    @Tag("controllers")
    @Test
    void aNamespaceIsDeletedWithWhateverIsInIt() {
        String going = CLUSTER.admin()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(Cluster.uniqueName("going"))
                        .endMetadata()
                        .build())
                .create()
                .getMetadata()
                .getName();
        Map<String, ObjectNode> samples = Samples.named(NAME, CLUSTER.adminName());
        for (Resource resource : served) {
            if (resource.namespaced() && !resource.isSubresource()) {
                Call create = Call.create(
                        resource.collection(going), samples.get(resource.kind()).toString());
                assertThat(create.by(CLUSTER.admin()).message()).isEmpty();
            }
        }
        CLUSTER.admin().namespaces().withName(going).delete();
        await("the namespace to be gone")
                .atMost(Cluster.TIMEOUT)
                .until(() -> CLUSTER.admin().namespaces().withName(going).get() == null);
    }

    /** It removes the finalizers that it set itself, and owner references. */
    @Test
    void kubernetesOwnControllersChangeObjectsAndNoStatus() {
        KubernetesClient collector = CLUSTER.impersonating(
                "system:serviceaccount:kube-system:generic-garbage-collector",
                List.of("system:serviceaccounts", "system:authenticated"),
                Map.of());
        for (Resource resource : served) {
            Response response = mergeNothing(resource, namespace).by(collector);
            if (resource.isSubresource()) {
                assertThat(response.message()).as(resource.name()).contains(POLICY);
            } else {
                assertThat(response.message()).as(resource.name()).isEmpty();
            }
        }
    }

    @Test
    void theMessageSaysWhoTheWriterIs() {
        assertThat(Call.merge(
                                GROUP + "/namespaces/" + namespace + "/trustedlaunchvms/" + NAME + "/status",
                                "{\"status\": {\"epoch\": 50}}")
                        .dryRun()
                        .by(everyVerbOfWriting())
                        .message())
                .contains("\"wanda\" may not change trustedlaunchvms/status: the writer is the operator;"
                        + " administrators of the whole cluster may, too (verb override on trustedlaunchvms)");
    }

    private static void note(List<String> taken, String what, Response response) {
        if (!response.message().contains(POLICY)) {
            taken.add(what + ": " + response);
        }
    }

    private static Map<String, Call> changes(Resource resource, String where) {
        String path = resource.object(where, NAME);
        ObjectNode object = (ObjectNode) Served.read(CLUSTER.admin(), path);
        String applied = Manifest.json("{apiVersion: trustedlaunch.io/v1alpha1, kind: " + resource.kind()
                + ", metadata: {name: " + NAME + "}, status: {}}");
        return Map.of(
                "merge", mergeNothing(resource, where),
                "patch", new Call("PATCH", path, "application/json-patch+json", "[]").dryRun(),
                "put", new Call("PUT", path, "application/json", object.toString()).dryRun(),
                "apply", Call.apply(path, applied).dryRun());
    }

    private static Call mergeNothing(Resource resource, String where) {
        return Call.merge(resource.object(where, NAME), "{}").dryRun();
    }

    private static KubernetesClient owner() {
        String account = Cluster.uniqueName("owner");
        CLUSTER.create(new ServiceAccountBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(account)
                .endMetadata()
                .build());
        CLUSTER.create(new RoleBindingBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(account)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
                .addNewSubject("", "ServiceAccount", account, namespace)
                .build());
        KubernetesClient owner = token(namespace, account);
        awaitRight(owner, "/api/v1/namespaces/" + namespace + "/secrets");
        return owner;
    }

    private static String owner(KubernetesClient owner) {
        return owner.resource(new SelfSubjectReview())
                .create()
                .getStatus()
                .getUserInfo()
                .getUsername();
    }

    private static KubernetesClient token(String where, String account) {
        return CLUSTER.withToken(CLUSTER.token(where, account, Optional.empty()));
    }

    private static KubernetesClient everyVerbOfWriting() {
        String role = Cluster.uniqueName("writer");
        CLUSTER.create(new ClusterRoleBuilder()
                .withNewMetadata()
                .withName(role)
                .endMetadata()
                .withRules(new PolicyRuleBuilder()
                        .withApiGroups("trustedlaunch.io")
                        .withResources("*")
                        .withVerbs("get", "list", "create", "update", "patch", "delete")
                        .build())
                .build());
        return bound("wanda", role, "nodefences");
    }

    /** Returns once the user may read these, as the role says. */
    private static KubernetesClient bound(String user, String role, String readable) {
        bind(user, role);
        KubernetesClient client = CLUSTER.impersonating(user, List.of("system:authenticated"), Map.of());
        awaitRight(client, GROUP + "/" + readable);
        return client;
    }

    private static void bind(String user, String role) {
        CLUSTER.create(new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName(Cluster.uniqueName(user))
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
                .build());
    }

    private static void awaitRight(KubernetesClient client, String path) {
        await("the right to get " + path)
                .atMost(Cluster.TIMEOUT)
                .until(() -> Call.get(path).by(client).succeeded());
    }
}
