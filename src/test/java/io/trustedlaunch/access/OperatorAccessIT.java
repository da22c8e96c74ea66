package io.trustedlaunch.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Call.Response;
import io.trustedlaunch.testkit.Cluster;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What who has the operator's token does not get by making Secrets. */
class OperatorAccessIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static KubernetesClient operator;

    @BeforeAll
    static void create() {
        operator = CLUSTER.withToken(CLUSTER.token(Cluster.NAMESPACE, "trusted-launch-operator", Optional.empty()));
    }

    /** Kubernetes writes the token of the account into it. */
    @Test
    void itMakesNoTokenOfAnotherAccount() {
        assertThat(secret("kubernetes.io/service-account-token").message()).contains("trusted-launch-secret-types");
        Call review = Call.create(
                "/api/v1/namespaces/" + Cluster.NAMESPACE + "/serviceaccounts/" + Cluster.AGENT + "/token",
                "{apiVersion: authentication.k8s.io/v1, kind: TokenRequest, spec: {}}");
        assertThat(review.dryRun().by(operator).forbidden()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Opaque", "kubernetes.io/tls", "bootstrap.kubernetes.io/token", "kubernetes.io/dockerconfigjson"
            })
    void itMakesNoSecretsForOthers(String type) {
        Response response = secret(type);
        assertThat(response.succeeded()).isFalse();
        assertThat(response.message()).contains(type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"protection-key", "image-catalog", "certificate-authority", "backup-key"})
    void itMakesItsOwn(String type) {
        assertThat(secret("trustedlaunch.io/" + type).message()).isEmpty();
    }

    private static Response secret(String type) {
        return Call.create("/api/v1/namespaces/" + Cluster.NAMESPACE + "/secrets", """
                        apiVersion: v1
                        kind: Secret
                        metadata:
                          name: %s
                          annotations: {kubernetes.io/service-account.name: %s}
                        type: %s
                        stringData: {tls.crt: a, tls.key: b, .dockerconfigjson: "{}"}
                        """.formatted(
                                Cluster.uniqueName("secret"), Cluster.AGENT, type))
                .dryRun()
                .by(operator);
    }
}
