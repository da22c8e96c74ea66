package io.trustedlaunch.operator.fencing;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatusBuilder;
import io.trustedlaunch.controller.EventDraft;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FenceEventsTest {
    private static final String MESSAGE = "alice says that the host is off";
    private static final NodeFenceStatus REQUESTED = status(Phase.Requested, null);

    @ParameterizedTest
    @CsvSource({
        "Requested, , AwaitingFence, Normal",
        "Requested, TooManyNodesSilent, TooManyNodesSilent, Warning",
        "Fencing, , AwaitingFence, Normal",
        "Failed, PowerOffFailed, PowerOffFailed, Warning",
        "Proved, , NodeProvedDead, Normal",
        "Contradicted, FenceContradicted, FenceContradicted, Warning",
        "Released, , FenceReleased, Normal"
    })
    void eachPhaseIsAnEventWithTheMessageOfTheStatus(
            Phase phase, Reason reason, Reason expected, EventDraft.Severity severity) {
        assertThat(FenceEvents.of(Optional.empty(), status(phase, reason)))
                .contains(new EventDraft(severity, expected, MESSAGE));
    }

    @Test
    void nothingButATransitionIsAnEvent() {
        NodeFenceStatus again =
                NodeFenceStatusBuilder.builder(REQUESTED).message("another").build();
        assertThat(FenceEvents.of(Optional.of(REQUESTED), again)).isEmpty();
        assertThat(FenceEvents.of(Optional.of(REQUESTED), status(Phase.Requested, Reason.TooManyNodesSilent)))
                .isPresent();
        assertThat(FenceEvents.of(Optional.of(REQUESTED), status(Phase.Proved, null)))
                .isPresent();
    }

    @Test
    void aFenceThatIsRemovedBeforeItWasReleasedSaysWhy() {
        assertThat(FenceEvents.removed(Optional.of(REQUESTED), "it was withdrawn"))
                .contains(EventDraft.normal(Reason.FenceWithdrawn, "removed, because it was withdrawn"));
        assertThat(FenceEvents.removed(Optional.of(status(Phase.Released, null)), "it is old"))
                .isEmpty();
    }

    private static NodeFenceStatus status(Phase phase, Reason reason) {
        return NodeFenceStatusBuilder.builder()
                .phase(phase)
                .since("2026-03-01T12:00:00Z")
                .reason(reason == null ? null : reason.name())
                .message(MESSAGE)
                .build();
    }
}
