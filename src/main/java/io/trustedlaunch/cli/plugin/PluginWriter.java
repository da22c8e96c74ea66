package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec.Statement;
import java.util.Map;

/** The only writer of the plugin. It patches single fields, so that concurrent changes of other fields are kept. */
final class PluginWriter {
    private PluginWriter() {}

    /** @return the changed object; its generation tells whether a status is newer than the change */
    static <T extends HasMetadata> T set(
            Resource<T> resource, Map<String, String> annotations, Map<String, String> spec) {
        return resource.patch(
                PatchContext.of(PatchType.JSON_MERGE),
                Serialization.asJson(Map.of("metadata", Map.of("annotations", annotations), "spec", spec)));
    }

    static <T extends HasMetadata> T setLabel(Resource<T> resource, String label, String value) {
        return resource.patch(
                PatchContext.of(PatchType.JSON_MERGE),
                Serialization.asJson(Map.of("metadata", Map.of("labels", Map.of(label, value)))));
    }

    static void state(Resource<ClusterNode> node, Statement statement) {
        node.patch(
                PatchContext.of(PatchType.JSON_MERGE),
                Serialization.asJson(Map.of("spec", Map.of("fencing", Map.of("statement", statement)))));
    }

    static void withdrawStatement(Resource<ClusterNode> node) {
        node.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"fencing\": {\"statement\": null}}}");
    }

    /** Does nothing if the object is already deleted. */
    static <T extends HasMetadata> void delete(Resource<T> resource) {
        resource.delete();
    }

    /** The name of this user, as the API server has it. */
    static String userName(KubernetesClient client) {
        return create(client, new SelfSubjectReview()).getStatus().getUserInfo().getUsername();
    }

    /** @return the object with the name that the API server gave it */
    static <T extends HasMetadata> T create(KubernetesClient client, T object) {
        return client.resource(object).create();
    }
}
