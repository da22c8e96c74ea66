package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;

/**
 * An older guest state that may be started from, since the newest cannot be used.
 *
 * @param approvedBy the name of the user who approves, as the API server knows it; no other is accepted
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ApprovedGuestState(
        @Required @Min(1) Long epoch,
        @Required @Min(1) Long generation,
        @Required String approvedBy) {

    public GuestStateVersion version() {
        return new GuestStateVersion(epoch, generation);
    }
}
