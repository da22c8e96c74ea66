package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.custody.AssignmentKey.Assignment;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AssignmentKeyTest {
    private static final String VM = "5e8f51bc-0031-4c5f-9f5a-6f8e1f0b7c11";

    private final AssignmentKey key = AssignmentKey.derivedFrom(new byte[] {1});
    private final String proof = key.prove(VM, 7, "host-a", Optional.empty());

    @Test
    void itProvesOneEpochOfOneVmOnOneNode() {
        assertThat(key.proved(VM, 7, "host-a", proof)).isPresent();
        assertThat(key.proved(VM, 8, "host-a", proof)).isEmpty();
        assertThat(key.proved(VM, 7, "host-b", proof)).isEmpty();
        assertThat(key.proved(VM.replace('5', '6'), 7, "host-a", proof)).isEmpty();
        assertThat(key.proved(VM + "host", 7, "-a", proof)).isEmpty();
    }

    /** The target of a migration has no proof of a start, and one of that migration only. */
    @Test
    void itProvesFromWhichEpochAGuestWasToBeTakenOver() {
        String arrival = key.prove(VM, 7, "host-a", Optional.of(6L));
        assertThat(arrival).matches("6\\.[0-9a-f]{64}");
        assertThat(key.proved(VM, 7, "host-a", arrival)).contains(new Assignment(Optional.of(6L)));
        assertThat(key.proved(VM, 7, "host-a", proof)).contains(new Assignment(Optional.empty()));
        assertThat(key.proved(VM, 7, "host-a", arrival.substring(2))).isEmpty();
        assertThat(key.proved(VM, 7, "host-a", "5" + arrival.substring(1))).isEmpty();
        assertThat(key.proved(VM, 7, "host-a", "6." + proof)).isEmpty();
        assertThat(key.proved(VM, 7, "host-a", "9".repeat(30) + "." + proof)).isEmpty();
    }

    @Test
    void anotherClusterProvesNothing() {
        assertThat(AssignmentKey.derivedFrom(new byte[] {2}).proved(VM, 7, "host-a", proof))
                .isEmpty();
        assertThat(AssignmentKey.derivedFrom(new byte[] {1}).proved(VM, 7, "host-a", proof))
                .as("restored with its secret")
                .isPresent();
    }

    @Test
    void aProofOfAnotherFormIsNone() {
        assertThat(key.proved(VM, 7, "host-a", "")).isEmpty();
        assertThat(key.proved(VM, 7, "host-a", proof.substring(1))).isEmpty();
        assertThat(key.proved(VM, 7, "host-a", "x".repeat(64))).isEmpty();
    }

    @Test
    void aMarkProvesNoAssignment() {
        Mark mark = MarkKey.derivedFrom(new byte[] {1}).issue(7);
        assertThat(key.proved(VM, 7, "host-a", mark.proof())).isEmpty();
    }
}
