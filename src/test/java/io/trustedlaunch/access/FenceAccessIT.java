package io.trustedlaunch.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Cluster;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who may state that a node is dead, and how. */
class FenceAccessIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final String GROUP = "/apis/trustedlaunch.io/v1alpha1";
    private static final String NAME = Cluster.uniqueName("fence");
    private static final String NODE = GROUP + "/clusternodes/" + NAME;
    private static final String FENCES = GROUP + "/nodefences";
    private static final String BOOT = "3f0c6d6e-0000-0000-0000-000000000001";
    private static final String EARLIER_BOOT = "77aa6d6e-0000-0000-0000-000000000002";
    private static final String ALICE = "alice-" + NAME;
    private static final String CAROL = "carol-" + NAME;
    private static final String TESS = "tess-" + NAME;

    /** Looks after nodes. */
    private static KubernetesClient alice;

    /** May change ClusterNodes, but not state that one is dead. */
    private static KubernetesClient carol;

    /** Sees the whole cluster. */
    private static KubernetesClient tess;

    @BeforeAll
    static void createObjects() {
        CLUSTER.create(clusterNode(NAME));
        boot(NAME, BOOT);
        NodeFence fence = new NodeFence();
        fence.setMetadata(new ObjectMetaBuilder().withName(NAME).build());
        fence.setSpec(new NodeFenceSpec(NAME, BOOT, Method.Statement));
        CLUSTER.create(fence);
        CLUSTER.create(new ClusterRoleBuilder()
                .withNewMetadata()
                .withName(NAME)
                .endMetadata()
                .addNewRule()
                .withApiGroups("trustedlaunch.io")
                .withResources("clusternodes")
                .withVerbs("get", "patch", "create")
                .endRule()
                .build());
        alice = with("trusted-launch-node-admin", ALICE);
        carol = with(NAME, CAROL);
        tess = with("trusted-launch-view", TESS);
    }

    @Test
    void itTakesTheVerbFence() {
        assertAllowed(alice, state(BOOT, ALICE));
        assertRefused(carol, "takes the verb fence on clusternodes, which \"" + CAROL + "\"", state(BOOT, CAROL));
        assertForbidden(tess, state(BOOT, TESS));
    }

    @Test
    void itIsStatedInOnesOwnName() {
        assertRefused(
                alice,
                "must be the name of the user who states it, which is \"" + ALICE + "\" here, not \"" + CAROL + "\"",
                state(BOOT, CAROL));
        assertRefused(
                CLUSTER.admin(), "must be the name of the user who states it", state(BOOT, "kubernetes-admin-" + NAME));
    }

    @Test
    void itIsStatedOfTheBootThatWasHeardLast() {
        assertRefused(alice, "bootID must be the boot that the node answered from last", state(EARLIER_BOOT, ALICE));
        String never =
                CLUSTER.create(clusterNode(NAME + "-never")).getMetadata().getName();
        assertRefused(
                alice,
                "bootID must be the boot that the node answered from last",
                Call.merge(GROUP + "/clusternodes/" + never, statement(BOOT, ALICE)));
    }

    @Test
    void aNodeIsNotStatedDeadAtItsCreation() {
        String admin = CLUSTER.adminName();
        assertRefused(
                CLUSTER.admin(),
                "bootID must be the boot that the node answered from last",
                Call.create(
                        GROUP + "/clusternodes",
                        "{apiVersion: trustedlaunch.io/v1alpha1, kind: ClusterNode, metadata: {name: " + NAME
                                + "-new}, spec: {fencing: {statement: {bootID: " + BOOT + ", confirmedBy: " + admin
                                + "}}}}"));
    }

    @Test
    void aStatementThatStandsIsKeptAndWithdrawnByOthersButNotChanged() {
        CLUSTER.create(clusterNode(NAME + "-stated"));
        boot(NAME + "-stated", BOOT);
        String node = GROUP + "/clusternodes/" + NAME + "-stated";
        assertThat(Call.merge(node, statement(BOOT, ALICE)).by(alice).message()).isEmpty();

        assertAllowed(
                carol,
                Call.merge(node, "{\"spec\": {\"maintenance\": \"Cordon\"}}"),
                Call.merge(node, "{\"spec\": {\"fencing\": {\"statement\": null}}}"));
        assertRefused(carol, "takes the verb fence", Call.merge(node, statement(BOOT, CAROL)));
        boot(NAME + "-stated", EARLIER_BOOT);
        assertAllowed(carol, Call.merge(node, "{\"spec\": {\"maintenance\": \"Cordon\"}}"));
    }

    @Test
    void toHaveThePowerCutTakesTheSame() {
        assertAllowed(alice, Call.merge(NODE, powerOff(BOOT, ALICE)));
        assertRefused(carol, "takes the verb fence on clusternodes", Call.merge(NODE, powerOff(BOOT, CAROL)));
        assertRefused(
                alice,
                "spec.fencing.powerOff.requestedBy must be the name of the user who asks for it, which is \"" + ALICE
                        + "\" here, not \"" + CAROL + "\"",
                Call.merge(NODE, powerOff(BOOT, CAROL)));
        assertRefused(
                alice,
                "spec.fencing.powerOff.bootID must be the boot that the node answered from last",
                Call.merge(NODE, powerOff(EARLIER_BOOT, ALICE)));
        assertRefused(
                alice,
                "either statement or powerOff",
                Call.merge(
                        NODE,
                        "{\"spec\": {\"fencing\": {\"statement\": {\"bootID\": \"" + BOOT + "\", \"confirmedBy\": \""
                                + ALICE + "\"}, \"powerOff\": {\"bootID\": \"" + BOOT + "\", \"requestedBy\": \""
                                + ALICE + "\"}}}}"));
    }

    private static String powerOff(String boot, String by) {
        return "{\"spec\": {\"fencing\": {\"powerOff\": {\"bootID\": \"" + boot + "\", \"requestedBy\": \"" + by
                + "\"}}}}";
    }

    @Test
    void whoStatesItSeesWhatSpeaksAgainstIt() {
        assertAllowed(
                alice,
                Call.get(NODE),
                Call.get(FENCES),
                Call.get(FENCES + "?watch=true&timeoutSeconds=1"),
                Call.get("/api/v1/nodes"),
                Call.get("/apis/coordination.k8s.io/v1/namespaces/" + Cluster.NAMESPACE + "/leases"),
                Call.get(GROUP + "/trustedlaunchvms?fieldSelector=status.nodeName=" + NAME),
                Call.get(GROUP + "/storagelocations"));
    }

    /** The operator alone decides what is proved. */
    @Test
    void noPersonWritesANodeFence() {
        for (KubernetesClient user : List.of(alice, carol, tess)) {
            assertForbidden(
                    user,
                    Call.create(
                            FENCES,
                            "{apiVersion: trustedlaunch.io/v1alpha1, kind: NodeFence, metadata: {name: " + NAME
                                    + "-new}, spec: {nodeName: " + NAME + ", bootID: " + BOOT
                                    + ", method: Statement}}"),
                    Call.merge(FENCES + "/" + NAME, "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}"),
                    Call.merge(FENCES + "/" + NAME + "/status", "{\"status\": {\"phase\": \"Proved\"}}"),
                    Call.delete(FENCES + "/" + NAME));
        }
        assertAllowed(tess, Call.get(FENCES), Call.get(FENCES + "/" + NAME), Call.get(NODE));
    }

    private static void boot(String node, String boot) {
        CLUSTER.admin().resources(ClusterNode.class).withName(node).editStatus(seen -> {
            seen.setStatus(ClusterNodeStatusBuilder.builder()
                    .observedGeneration(1L)
                    .answer(new Answer("a leader", boot, null, List.of()))
                    .build());
            return seen;
        });
    }

    private static Call state(String boot, String by) {
        return Call.merge(NODE, statement(boot, by));
    }

    private static String statement(String boot, String by) {
        return "{\"spec\": {\"fencing\": {\"statement\": {\"bootID\": \"" + boot + "\", \"confirmedBy\": \"" + by
                + "\"}}}}";
    }

    private static ClusterNode clusterNode(String name) {
        ClusterNode node = new ClusterNode();
        node.setMetadata(new ObjectMetaBuilder().withName(name).build());
        node.setSpec(new ClusterNodeSpec(null, Maintenance.None, null, null));
        return node;
    }

    private static void assertAllowed(KubernetesClient user, Call... calls) {
        for (Call call : calls) {
            assertThat(call.dryRun().by(user).message())
                    .as(call.method() + " " + call.path())
                    .isEmpty();
        }
    }

    private static void assertRefused(KubernetesClient user, String message, Call call) {
        assertThat(call.dryRun().by(user).message())
                .as(call.method() + " " + call.path())
                .contains(message);
    }

    private static void assertForbidden(KubernetesClient user, Call... calls) {
        for (Call call : calls) {
            assertThat(call.dryRun().by(user).forbidden())
                    .as(call.method() + " " + call.path())
                    .isTrue();
        }
    }

    /** Returns once the API server knows of the binding. */
    private static KubernetesClient with(String clusterRole, String user) {
        CLUSTER.create(new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName(user)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", clusterRole)
                .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
                .build());
        KubernetesClient client = CLUSTER.impersonating(user, List.of("system:authenticated"), Map.of());
        await(clusterRole + " to be in force")
                .atMost(Cluster.TIMEOUT)
                .until(() -> Call.get(NODE).by(client).succeeded());
        return client;
    }
}
