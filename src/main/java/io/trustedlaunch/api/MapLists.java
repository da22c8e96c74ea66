package io.trustedlaunch.api;

import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;

/**
 * Makes lists of a record maps by one of their fields, so that a duplicate is refused at apply, and two writers with
 * server-side apply don't overwrite each other. The input reads {@code list=key,list=key}.
 */
public final class MapLists implements SchemaCustomizer.Customizer {
    @Override
    public JSONSchemaProps apply(JSONSchemaProps schema, String input, KubernetesSerialization serialization) {
        for (String pair : input.split(",", -1)) {
            int separator = pair.indexOf('=');
            JSONSchemaProps list = schema.getProperties().get(pair.substring(0, separator));
            if (list == null) {
                throw new IllegalArgumentException("no property for " + pair + " in " + schema.getProperties());
            }
            String key = pair.substring(separator + 1);
            list.setXKubernetesListType("map");
            list.setXKubernetesListMapKeys(List.of(key));
            JSONSchemaProps item = list.getItems().getSchema();
            if (!item.getRequired().contains(key)) {
                item.getRequired().add(key);
            }
        }
        return schema;
    }
}
