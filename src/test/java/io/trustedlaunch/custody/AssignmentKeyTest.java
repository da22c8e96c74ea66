package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AssignmentKeyTest {
    private static final String VM = "5e8f51bc-0031-4c5f-9f5a-6f8e1f0b7c11";

    private final AssignmentKey key = AssignmentKey.derivedFrom(new byte[] {1});
    private final String proof = key.prove(VM, 7, "host-a");

    @Test
    void itProvesOneEpochOfOneVmOnOneNode() {
        assertThat(key.hasProved(VM, 7, "host-a", proof)).isTrue();
        assertThat(key.hasProved(VM, 8, "host-a", proof)).isFalse();
        assertThat(key.hasProved(VM, 7, "host-b", proof)).isFalse();
        assertThat(key.hasProved(VM.replace('5', '6'), 7, "host-a", proof)).isFalse();
        assertThat(key.hasProved(VM + "host", 7, "-a", proof)).isFalse();
    }

    @Test
    void anotherClusterProvesNothing() {
        assertThat(AssignmentKey.derivedFrom(new byte[] {2}).hasProved(VM, 7, "host-a", proof))
                .isFalse();
        assertThat(AssignmentKey.derivedFrom(new byte[] {1}).hasProved(VM, 7, "host-a", proof))
                .as("restored with its secret")
                .isTrue();
    }

    @Test
    void aProofOfAnotherFormIsNone() {
        assertThat(key.hasProved(VM, 7, "host-a", "")).isFalse();
        assertThat(key.hasProved(VM, 7, "host-a", proof.substring(1))).isFalse();
        assertThat(key.hasProved(VM, 7, "host-a", "x".repeat(64))).isFalse();
    }

    @Test
    void aMarkProvesNoAssignment() {
        Mark mark = MarkKey.derivedFrom(new byte[] {1}).issue(7);
        assertThat(key.hasProved(VM, 7, "host-a", mark.proof())).isFalse();
    }
}
