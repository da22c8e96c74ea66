package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import java.util.Comparator;

/**
 * One of a VM's sealed guest states. The one with the higher epoch is later; within an epoch, the one with the higher
 * generation.
 *
 * @param epoch epoch of the incarnation that sealed it
 * @param generation counts up from 1, which is the claim of that epoch
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record GuestStateVersion(
        @Required @Min(1) Long epoch, @Required @Min(1) Long generation) implements Comparable<GuestStateVersion> {

    private static final Comparator<GuestStateVersion> ORDER =
            Comparator.comparing(GuestStateVersion::epoch).thenComparing(GuestStateVersion::generation);

    @Override
    public int compareTo(GuestStateVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return epoch + "-" + generation;
    }
}
