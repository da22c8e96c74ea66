package io.trustedlaunch.agent.node;

import io.trustedlaunch.agent.node.NodeFacts.Finding;
import io.trustedlaunch.agent.node.NodeFacts.Finding.Failed;
import io.trustedlaunch.agent.node.NodeFacts.Finding.Found;
import io.trustedlaunch.agent.tpm.TpmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Whether this node can make encrypted TPMs. The test takes seconds, so its result is cached. */
final class TpmPreflight {
    private static final Duration SUCCESS_TTL = Duration.ofHours(1);
    private static final Duration FAILURE_TTL = Duration.ofMinutes(1);

    /** Replaced in messages: random names of folders would make each failure look different. */
    private static final Pattern IDENTIFIER = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    private final Supplier<String> preflight;
    private final InstantSource clock;
    private Finding<String> last;
    private Instant until = Instant.MIN;

    /** @param preflight returns the version of swtpm, or throws {@link TpmException} */
    TpmPreflight(Supplier<String> preflight, InstantSource clock) {
        this.preflight = preflight;
        this.clock = clock;
    }

    Finding<String> result() {
        Instant now = clock.instant();
        if (now.isBefore(until)) {
            return last;
        }
        try {
            last = new Found<>(preflight.get());
            until = now.plus(SUCCESS_TTL);
        } catch (TpmException e) {
            last = new Failed<>(IDENTIFIER.matcher(e.getMessage()).replaceAll("…"));
            until = now.plus(FAILURE_TTL);
        }
        return last;
    }
}
