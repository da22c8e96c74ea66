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

/** Whether encrypted TPMs can be made on this host. Caches the result, since a preflight takes seconds of CPU time. */
final class TpmPreflight {
    private static final Duration SUCCESS_VALIDITY = Duration.ofHours(1);
    private static final Duration FAILURE_VALIDITY = Duration.ofMinutes(1);

    /** Removed from messages, so that the same failure has the same message each time. */
    private static final Pattern IDENTIFIER = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    private final Supplier<SwtpmPreflight> preflight;
    private final InstantSource clock;
    private Finding<String> last;
    private Instant until = Instant.MIN;

    /** @param preflight throws {@link TpmException} if swtpm is not installed */
    TpmPreflight(Supplier<SwtpmPreflight> preflight, InstantSource clock) {
        this.preflight = preflight;
        this.clock = clock;
    }

    Finding<String> result() {
        Instant now = clock.instant();
        if (now.isBefore(until)) {
            return last;
        }
        try {
            last = new Found<>(preflight.get().run().version());
            until = now.plus(SUCCESS_VALIDITY);
        } catch (TpmException e) {
            last = new Failed<>(IDENTIFIER.matcher(e.getMessage()).replaceAll("…"));
            until = now.plus(FAILURE_VALIDITY);
        }
        return last;
    }
}
