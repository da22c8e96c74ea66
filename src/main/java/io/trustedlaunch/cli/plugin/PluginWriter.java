package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;

/** The only writer of the plugin. It patches single fields, so that concurrent changes of other fields are kept. */
final class PluginWriter {
    private PluginWriter() {}

    /** @return the changed object; its generation tells whether a status is newer than the change */
    static <T extends HasMetadata> T setInSpec(Resource<T> resource, String field, Enum<?> value) {
        return patch(resource, Map.of("spec", Map.of(field, value.name())));
    }

    static <T extends HasMetadata> T annotate(Resource<T> resource, String annotation, String value) {
        return patch(resource, Map.of("metadata", Map.of("annotations", Map.of(annotation, value))));
    }

    private static <T extends HasMetadata> T patch(Resource<T> resource, Map<String, ?> fields) {
        return resource.patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(fields));
    }

    /** Does nothing if the object is already deleted. */
    static <T extends HasMetadata> void delete(Resource<T> resource) {
        resource.delete();
    }

    /** @return the object with the name that the API server gave it */
    static <T extends HasMetadata> T create(KubernetesClient client, T object) {
        return client.resource(object).create();
    }
}
