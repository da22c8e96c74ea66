package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import java.util.Comparator;

/**
 * Which of a VM's sealed guest states. Later is the one of the higher epoch; within an epoch, of the higher generation.
 *
 * @param epoch the life that sealed it
 * @param generation counts from 1, which is the claim of the home for that epoch
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
