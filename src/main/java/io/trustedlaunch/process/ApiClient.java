package io.trustedlaunch.process;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.util.StdConverter;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;

/**
 * Makes a process's client of the Kubernetes API. It does not read what only takes memory in the caches; the API server keeps
 * these fields, since no write has them either.
 */
public final class ApiClient {
    /** A copy of the spec that only kubectl reads. */
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    private ApiClient() {}

    /** A client for the cluster that the process's environment names. */
    public static KubernetesClient connect() {
        return new KubernetesClientBuilder()
                .withKubernetesSerialization(serialization())
                .build();
    }

    static KubernetesSerialization serialization() {
        ObjectMapper mapper = new ObjectMapper();
        mapper.addMixIn(ObjectMeta.class, Metadata.class);
        mapper.addMixIn(NodeStatus.class, Images.class);
        return new KubernetesSerialization(mapper, true);
    }

    @JsonIgnoreProperties("managedFields")
    interface Metadata {
        @JsonDeserialize(converter = WithoutLastApplied.class)
        void setAnnotations(Map<String, String> annotations);
    }

    /** The container images on a node: dozens of names. */
    @JsonIgnoreProperties("images")
    interface Images {}

    static final class WithoutLastApplied extends StdConverter<Map<String, String>, Map<String, String>> {
        @Override
        public Map<String, String> convert(Map<String, String> annotations) {
            annotations.remove(LAST_APPLIED);
            return annotations;
        }
    }
}
