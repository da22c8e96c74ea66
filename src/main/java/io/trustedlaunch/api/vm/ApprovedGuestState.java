package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.trustedlaunch.api.GuestStateVersion;

/**
 * An older guest state that the next start may use.
 *
 * @param epoch the state's epoch: the first number in its file name
 * @param generation the state's generation: the second number in its file name
 * @param approvedBy name of the user who approves, as kubectl auth whoami shows it; another name is refused
 * @param afterEpoch to approve a state again that was used once: the epoch of that use, status.guestState.approval.forEpoch;
 *     without it, an approval of the state that was used last counts as used
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ApprovedGuestState(
        @Required @Min(1) Long epoch,
        @Required @Min(1) Long generation,
        @Required @Size(min = 1, max = 1024) String approvedBy,
        @Min(1) Long afterEpoch) {

    public GuestStateVersion version() {
        return new GuestStateVersion(epoch, generation);
    }
}
