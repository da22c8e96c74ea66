package io.trustedlaunch.process;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.util.Converter;
import com.fasterxml.jackson.databind.util.StdConverter;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Makes a process's client of the Kubernetes API. It does not read what only takes memory in the caches, and what tenants could
 * fill them with. The API server keeps it: the writes of our kinds are patches of single fields, or of a status, which
 * changes no metadata.
 */
public final class ApiClient {
    /** A copy of the spec that only kubectl reads. */
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    private static final String OUR_KEYS = Api.GROUP + "/";

    private ApiClient() {}

    /** A client for the cluster that the process's environment names. */
    public static KubernetesClient connect() {
        return connect(http -> {});
    }

    static KubernetesClient connect(Consumer<HttpClient.Builder> more) {
        Config config = new ConfigBuilder().build();
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withKubernetesSerialization(serialization())
                .withHttpClientBuilderConsumer(http -> {
                    ApiServerTrust.require(config, http);
                    more.accept(http);
                })
                .build();
    }

    public static KubernetesSerialization serialization() {
        ObjectMapper mapper = new ObjectMapper();
        mapper.addMixIn(ObjectMeta.class, Metadata.class);
        mapper.addMixIn(NodeStatus.class, Images.class);
        mapper.addMixIn(CustomResource.class, OfOurKinds.class);
        mapper.addMixIn(TrustedLaunchVM.class, Whole.class);
        mapper.registerModule(new SimpleModule("texts").addDeserializer(String.class, new SharedTexts()));
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

    interface OfOurKinds {
        @JsonDeserialize(converter = WithOurKeys.class)
        void setMetadata(ObjectMeta metadata);
    }

    /** Labels of VMs are selected by, and all that a user wrote of a VM is part of its escrow. */
    interface Whole {
        @JsonDeserialize(converter = Converter.None.class)
        void setMetadata(ObjectMeta metadata);
    }

    static final class WithOurKeys extends StdConverter<ObjectMeta, ObjectMeta> {
        @Override
        public ObjectMeta convert(ObjectMeta metadata) {
            metadata.setLabels(ours(metadata.getLabels()));
            metadata.setAnnotations(ours(metadata.getAnnotations()));
            return metadata;
        }

        private static Map<String, String> ours(Map<String, String> entries) {
            Map<String, String> kept = new LinkedHashMap<>();
            if (entries != null) {
                entries.forEach((key, value) -> {
                    if (key.startsWith(OUR_KEYS)) {
                        kept.put(key, value);
                    }
                });
            }
            return kept;
        }
    }
}
