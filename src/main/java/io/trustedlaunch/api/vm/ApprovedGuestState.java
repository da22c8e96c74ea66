package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.trustedlaunch.api.GuestStateVersion;

/**
 * An older guest state that the next start may use. It counts until an epoch later than {@link #lastEpoch} has begun, so that one
 * that was under way when it was given, a migration, or a copy of this object from long ago does not make a later start go back.
 *
 * @param epoch the state's epoch: the first number in its file name
 * @param generation the state's generation: the second number in its file name
 * @param approvedBy name of the user who approves, as kubectl auth whoami shows it; another name is refused
 * @param afterEpoch the last epoch that began, status.guestState.floor, if that is later than the state's: for a state that was
 *     used before, or of an earlier epoch; by default the state's own
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

    /** The epoch after which a start may use it. */
    public long lastEpoch() {
        return afterEpoch == null ? epoch : afterEpoch;
    }
}
