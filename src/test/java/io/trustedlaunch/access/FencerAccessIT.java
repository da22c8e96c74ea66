package io.trustedlaunch.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Cluster;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who holds the power of all hosts in its hands may do little else, and nobody else may read its passwords. */
class FencerAccessIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final String FENCING = "trusted-launch-fencing";
    private static final String GROUP = "/apis/trustedlaunch.io/v1alpha1";
    private static final String NAME = Cluster.uniqueName("fencer-access");
    private static final String SECRETS = "/api/v1/namespaces/" + FENCING + "/secrets";
    private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/" + FENCING + "/leases";

    private static KubernetesClient fencer;

    @BeforeAll
    static void create() {
        fencer = CLUSTER.withToken(CLUSTER.token(FENCING, "trusted-launch-fencer", Optional.empty()));
        CLUSTER.create(new SecretBuilder()
                .withNewMetadata()
                .withNamespace(FENCING)
                .withName(NAME)
                .endMetadata()
                .withStringData(Map.of("password", "x"))
                .build());
    }

    @Test
    void aFencerReadsWhatItNeedsAndWritesWhatItFound() {
        allowed(Call.get(GROUP + "/fencedevices"));
        allowed(Call.get(GROUP + "/nodefences"));
        allowed(Call.get(SECRETS + "/" + NAME));
        allowed(Call.create(
                LEASES, "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: " + NAME + "}}"));
        assertThat(Call.merge(LEASES + "/trusted-launch-fencer", "{}")
                        .dryRun()
                        .by(fencer)
                        .forbidden())
                .isFalse();
        // Nothing is there to be changed, so it is not found.
        assertThat(Call.merge(GROUP + "/fencedevices/" + NAME + "/status", "{}")
                        .by(fencer)
                        .code())
                .isEqualTo(404);
        assertThat(Call.get(GROUP + "/clusternodes/" + NAME).by(fencer).code()).isEqualTo(404);
    }

    @Test
    void aFencerMayDoNothingElse() {
        forbidden(Call.get(SECRETS));
        forbidden(Call.get("/api/v1/namespaces/" + Cluster.NAMESPACE + "/secrets/" + NAME));
        forbidden(Call.get("/api/v1/namespaces/default/secrets/" + NAME));
        forbidden(Call.merge(SECRETS + "/" + NAME, "{}"));
        forbidden(Call.merge(GROUP + "/fencedevices/" + NAME, "{}"));
        forbidden(Call.delete(GROUP + "/fencedevices/" + NAME));
        forbidden(Call.merge(GROUP + "/nodefences/" + NAME, "{}"));
        forbidden(Call.merge(GROUP + "/nodefences/" + NAME + "/status", "{}"));
        forbidden(Call.merge(GROUP + "/clusternodes/" + NAME, "{}"));
        forbidden(Call.merge(GROUP + "/clusternodes/" + NAME + "/status", "{}"));
        forbidden(Call.get(GROUP + "/trustedlaunchvms"));
        forbidden(Call.get(GROUP + "/namespaces/" + Cluster.NAMESPACE + "/vmincarnations"));
        forbidden(Call.merge(LEASES + "/other", "{}"));
        forbidden(Call.get("/api/v1/nodes"));
        forbidden(Call.get("/api/v1/pods"));
    }

    @Test
    void neitherOperatorNorAgentReadsAPasswordOrSaysWhatTheFencerFound() {
        KubernetesClient operator =
                CLUSTER.withToken(CLUSTER.token(Cluster.NAMESPACE, "trusted-launch-operator", Optional.empty()));
        KubernetesClient agent = CLUSTER.agentOf(CLUSTER.node(NAME));
        assertThat(Call.get(GROUP + "/fencedevices").by(operator).forbidden()).isFalse();
        for (KubernetesClient other : new KubernetesClient[] {operator, agent}) {
            assertThat(Call.get(SECRETS + "/" + NAME).by(other).forbidden()).isTrue();
            assertThat(Call.get(SECRETS).by(other).forbidden()).isTrue();
            assertThat(Call.merge(GROUP + "/fencedevices/" + NAME + "/status", "{}")
                            .by(other)
                            .forbidden())
                    .isTrue();
            assertThat(Call.merge(GROUP + "/fencedevices/" + NAME, "{}")
                            .by(other)
                            .forbidden())
                    .isTrue();
        }
    }

    private static void allowed(Call call) {
        assertThat(call.dryRun().by(fencer).message())
                .as(call.method() + " " + call.path())
                .isEmpty();
    }

    private static void forbidden(Call call) {
        assertThat(call.dryRun().by(fencer).forbidden())
                .as(call.method() + " " + call.path())
                .isTrue();
    }
}
