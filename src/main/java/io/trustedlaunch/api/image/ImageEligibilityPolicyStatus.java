package io.trustedlaunch.api.image;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import java.util.List;

/**
 * The observed state of a policy.
 *
 * @param observedGeneration generation of the spec that this status describes; -1 until the policy was seen
 * @param matchedImages number of GuestImages that the policy allows
 * @param conditions the condition Ready;
 *     Stalled or Reconciling while it is not as its spec requests
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ImageEligibilityPolicyStatus(
        Long observedGeneration,
        Integer matchedImages,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions)
        implements Conditioned {
    public ImageEligibilityPolicyStatus {
        conditions = Lists.orEmpty(conditions);
    }
}
