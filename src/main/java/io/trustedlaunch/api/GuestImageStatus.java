package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;

/**
 * What is known of an image.
 *
 * @param rule the policy and rule that allow it, as {@code policy/rule}
 * @param provenance {@code Signed} only where a catalog in force has this digest under this identifier and version
 * @param sha256 what the image's bytes must have: the spec's, or what a catalog had when it was first asked. Once here it
 *     never changes; without a catalog in force that has it, too, it counts for nothing
 * @param size of the file, as the catalog says, for people
 * @param bytes the same, for whoever fetches it: more than so many are not taken
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@SchemaCustomizer(value = MapLists.class, input = "conditions=type")
@ValidationRule(
        value = "!has(oldSelf.sha256) || (has(self.sha256) && self.sha256 == oldSelf.sha256)",
        message = "sha256 never changes: make another GuestImage")
@RecordBuilder
public record GuestImageStatus(
        Long observedGeneration,
        String rule,
        Provenance provenance,
        String sha256,
        String size,
        Long bytes,
        List<Condition> conditions) {}
