package io.trustedlaunch.api.image;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import java.util.List;

/**
 * The observed state of an image.
 *
 * @param observedGeneration generation of the spec that this status describes; -1 until the image was seen
 * @param rule the policy and rule that allow the image, as policy/rule
 * @param provenance whether a catalog in force lists the digest under this identifier and version
 * @param sha256 digest that the image's bytes must have: the spec's, or what a catalog listed when it was first looked up.
 *     Once set, it never changes; an image without spec.sha256 can be used only while a catalog in force lists it
 * @param size bytes of the source, as the catalog says; no more are fetched
 * @param conditions the conditions Eligible and Ready;
 *     Stalled or Reconciling while it is not as its spec requests
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
        value = "!has(oldSelf.sha256) || (has(self.sha256) && self.sha256 == oldSelf.sha256)",
        message = "sha256 never changes: make another GuestImage")
@RecordBuilder
public record GuestImageStatus(
        Long observedGeneration,
        @Size(max = 317) String rule,
        Provenance provenance,
        @Size(max = 64) String sha256,
        Quantity size,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions)
        implements Conditioned {
    public GuestImageStatus {
        conditions = Lists.orEmpty(conditions);
    }
}
