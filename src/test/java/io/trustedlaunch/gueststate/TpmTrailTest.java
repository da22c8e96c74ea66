package io.trustedlaunch.gueststate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TpmTrailTest {
    @Test
    void itKnowsTheSealedStatesOnly() {
        TpmTrail trail = TpmTrail.NONE.and(state(1)).and(state(2));

        assertThat(trail.includes(state(1))).isTrue();
        assertThat(trail.includes(state(2))).isTrue();
        assertThat(trail.includes(state(3))).isFalse();
    }

    /** A change of the variables seals the TPM's state once more. */
    @Test
    void theLastStateIsNotCountedTwice() {
        TpmTrail trail = TpmTrail.NONE.and(state(1)).and(state(2));

        assertThat(trail.and(state(2))).isEqualTo(trail);
    }

    @Test
    void theOldestGoesFirst() {
        TpmTrail trail = TpmTrail.NONE;
        for (int number = 0; number <= TpmTrail.MAX_STATES; number++) {
            trail = trail.and(state(number));
        }

        assertThat(trail.digests()).hasSize(TpmTrail.MAX_STATES);
        assertThat(trail.includes(state(0))).isFalse();
        assertThat(trail.includes(state(1))).isTrue();
        assertThat(trail.includes(state(TpmTrail.MAX_STATES))).isTrue();
    }

    @Test
    void nothingElseIsATrail() {
        String digest = "0123456789abcdef";
        assertThat(new TpmTrail(List.of(digest)).digests()).containsExactly(digest);
        for (String other : List.of("", "0123456789ABCDEF", digest + "0", "0123456789abcde", "0123456789abcdeg")) {
            assertThatThrownBy(() -> new TpmTrail(List.of(other))).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new TpmTrail(Collections.nCopies(TpmTrail.MAX_STATES + 1, digest)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] state(int number) {
        return ("state " + number).getBytes(UTF_8);
    }
}
