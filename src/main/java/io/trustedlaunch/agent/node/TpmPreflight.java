package io.trustedlaunch.agent.node;

import io.trustedlaunch.agent.node.NodeFacts.Finding;
import io.trustedlaunch.agent.node.NodeFacts.Finding.Failed;
import io.trustedlaunch.agent.node.NodeFacts.Finding.Found;
import io.trustedlaunch.agent.tpm.SwtpmPreflight;
import io.trustedlaunch.agent.tpm.TpmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;

/**
 * Whether encrypted TPMs can be made here. To find out costs seconds of a processor, so that what worked is believed for
 * a while, and what did not is tried again at every look.
 */
final class TpmPreflight {
    private static final Duration BELIEVED = Duration.ofHours(1);

    private final Supplier<SwtpmPreflight> preflight;
    private final InstantSource clock;
    private Finding<String> last;
    private Instant until = Instant.MIN;

    /** @param preflight may throw {@link TpmException} itself, where there is no swtpm at all */
    TpmPreflight(Supplier<SwtpmPreflight> preflight, InstantSource clock) {
        this.preflight = preflight;
        this.clock = clock;
    }

    Finding<String> look() {
        Instant now = clock.instant();
        if (now.isBefore(until)) {
            return last;
        }
        try {
            last = new Found<>(preflight.get().prove().version());
            until = now.plus(BELIEVED);
        } catch (TpmException e) {
            last = new Failed<>(e.getMessage());
        }
        return last;
    }
}
