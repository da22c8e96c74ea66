package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

/**
 * What is known of an image.
 *
 * @param rule the policy and rule that allow it, as {@code policy/rule}
 * @param provenance {@code Signed} only where a catalog in force vouches for the digest
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@SchemaCustomizer(value = MapLists.class, input = "conditions=type")
public record GuestImageStatus(
        Long observedGeneration, String rule, Provenance provenance, List<Condition> conditions) {}
