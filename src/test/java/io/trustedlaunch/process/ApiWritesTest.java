package io.trustedlaunch.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

public class ApiWritesTest {
    @ParameterizedTest
    @CsvSource({
        "POST,   /api/v1/namespaces/team-a/secrets,                                          create, secrets",
        "POST,   /api/v1/namespaces,                                                         create, namespaces",
        "DELETE, /api/v1/namespaces/team-a,                                                  delete, namespaces",
        "PUT,    /api/v1/nodes/host-a/status,                                                update, nodes/status",
        "PATCH,  /apis/trustedlaunch.io/v1alpha1/namespaces/a/trustedlaunchvms/web/status,   patch,  trustedlaunchvms/status",
        "PATCH,  /apis/trustedlaunch.io/v1alpha1/clusternodes/host-a,                        patch,  clusternodes",
        "PUT,    /apis/coordination.k8s.io/v1/namespaces/system/leases/node-host-a,          update, leases"
    })
    void aWriteIsCountedByItsResource(String method, String path, String verb, String resource) {
        assertThat(ApiWrites.written(method, path, "200")).hasValue(new ApiWrites.Written(verb, resource, "200"));
    }

    @ParameterizedTest
    @CsvSource({
        "GET,  /api/v1/namespaces/team-a/secrets/key",
        "POST, /apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        "POST, /apis/authentication.k8s.io/v1/tokenreviews",
        "POST, /",
        "POST, /apis/trustedlaunch.io",
        "POST, /healthz"
    })
    void whatWritesNoObjectIsNotCounted(String method, String path) {
        assertThat(ApiWrites.written(method, path, "200")).isEmpty();
    }

    @Test
    void aWriteWithoutAnAnswerIsCountedAsSuch() throws IOException {
        Map<ApiWrites.Written, Long> counted = new HashMap<>();
        oneWrite().forEach(counted::put);

        assertThat(counted).containsOnlyKeys(new ApiWrites.Written("create", "configmaps", "none"));
    }

    /** Those of a client whose only write no server answered; the client has tried it again. */
    public static ApiWrites oneWrite() throws IOException {
        ApiWrites writes = new ApiWrites();
        int closed;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = server.getLocalPort();
        }
        ConfigMap object = new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("team-a")
                .withName("web")
                .endMetadata()
                .build();
        try (KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://127.0.0.1:" + closed)
                        .withRequestRetryBackoffLimit(1)
                        .withRequestRetryBackoffInterval(1)
                        .build())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("writes", writes))
                .build()) {
            assertThatThrownBy(() -> client.resource(object).create()).isInstanceOf(KubernetesClientException.class);
        }
        return writes;
    }
}
