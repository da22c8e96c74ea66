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
import java.util.regex.Pattern;

/** Whether encrypted TPMs can be made here. To find out costs seconds of a processor, so that it is believed for a while. */
final class TpmPreflight {
    private static final Duration SUCCESS_BELIEVED = Duration.ofHours(1);
    private static final Duration FAILURE_BELIEVED = Duration.ofMinutes(1);

    /** In the names of folders that are new each time: the same failure is to have the same message. */
    private static final Pattern IDENTIFIER = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

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
            until = now.plus(SUCCESS_BELIEVED);
        } catch (TpmException e) {
            last = new Failed<>(IDENTIFIER.matcher(e.getMessage()).replaceAll("…"));
            until = now.plus(FAILURE_BELIEVED);
        }
        return last;
    }
}
