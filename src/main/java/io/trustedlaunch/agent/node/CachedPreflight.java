package io.trustedlaunch.agent.node;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.node.NodeFacts.Finding;
import io.trustedlaunch.agent.node.NodeFacts.Finding.Failed;
import io.trustedlaunch.agent.node.NodeFacts.Finding.Found;
import io.trustedlaunch.agent.tpm.SwtpmFacts;
import io.trustedlaunch.api.RecordedTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Whether this node has what VMs need besides libvirt. The test takes seconds, so its result is cached. */
final class CachedPreflight {
    private static final Duration SUCCESS_TTL = Duration.ofHours(1);
    private static final Duration FAILURE_TTL = Duration.ofMinutes(1);

    /** Replaced in messages: random names of folders would make each failure look different. */
    private static final Pattern IDENTIFIER = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    private final Supplier<SwtpmFacts> preflight;
    private final InstantSource clock;
    private Finding<SwtpmFacts> last;
    private Instant since = Instant.EPOCH;
    private Duration pause = Duration.ZERO;

    /** @param preflight throws {@link RefusedException} with what is missing */
    CachedPreflight(Supplier<SwtpmFacts> preflight, InstantSource clock) {
        this.preflight = preflight;
        this.clock = clock;
    }

    Finding<SwtpmFacts> result() {
        Instant now = clock.instant();
        if (!RecordedTime.isOver(pause, since, now)) {
            return last;
        }
        since = now;
        try {
            last = new Found<>(preflight.get());
            pause = SUCCESS_TTL;
        } catch (RefusedException e) {
            last = new Failed<>(IDENTIFIER.matcher(e.getMessage()).replaceAll("…"));
            pause = FAILURE_TTL;
        }
        return last;
    }
}
