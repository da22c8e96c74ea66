package io.trustedlaunch.operator.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.operator.incarnation.OrphanPlan.Holder;
import io.trustedlaunch.operator.incarnation.OrphanPlan.Step;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OrphanPlanTest {
    @ParameterizedTest
    @EnumSource(Phase.class)
    void incarnationsOfAnExistingVmAreLeftToItsController(Phase phase) {
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Erased, phase), Holder.VM))
                .isEqualTo(Step.LEAVE);
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"Receiving", "Received", "Running", "Stopping", "Stopped"})
    void anIncarnationThatMayHaveDataIsLeftAndAnAdministratorTold(Phase phase) {
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Running, phase), Holder.NONE))
                .isEqualTo(Step.TELL);
    }

    @Test
    void oneWhoseAgentHasNotSaidHowItEndedIsStoppedFirst() {
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Running, null), Holder.NONE))
                .as("its guest may run")
                .isEqualTo(Step.LEAVE);
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Running, Phase.Preparing), Holder.NONE))
                .isEqualTo(Step.STOP);
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Running, Phase.Prepared), Holder.NONE))
                .isEqualTo(Step.STOP);
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Stopped, null), Holder.NONE))
                .isEqualTo(Step.LEAVE);
    }

    @Test
    void onlyOneThatNeverRanAndLeftNoTpmIsErased() {
        assertThat(OrphanPlan.plan(answered(status -> status), Holder.NONE)).isEqualTo(Step.ERASE);
        List<UnaryOperator<VMIncarnationStatusBuilder>> others = List.of(
                status -> status.observedGeneration(1L),
                status -> status.exit(Exit.Shutdown),
                status -> status.exit(null),
                status -> status.ekDigest("ab"),
                status -> status.guestState(
                        new VMIncarnationStatus.SealedState(new GuestStateVersion(1L, 1L), null, null, false, null)));
        assertThat(others)
                .allSatisfy(other -> assertThat(OrphanPlan.plan(answered(other), Holder.NONE))
                        .isEqualTo(Step.TELL));
    }

    /** Generation 2 is the request to stop. */
    private static VMIncarnation answered(UnaryOperator<VMIncarnationStatusBuilder> change) {
        VMIncarnation incarnation = incarnation(true, DesiredState.Stopped, null);
        incarnation.getMetadata().setGeneration(2L);
        incarnation.setStatus(change.apply(VMIncarnationStatusBuilder.builder()
                        .observedGeneration(2L)
                        .phase(Phase.Stopped)
                        .exit(Exit.NeverRan))
                .build());
        return incarnation;
    }

    @Test
    void anErasedIncarnationIsRemoved() {
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Erased, Phase.Preparing), Holder.NONE))
                .isEqualTo(Step.LEAVE);
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Erased, Phase.Erased), Holder.NONE))
                .isEqualTo(Step.REMOVE);
    }

    @Test
    void aLaterIncarnationSharesTheEarlierFilesAndIsLeft() {
        assertThat(OrphanPlan.plan(incarnation(false, DesiredState.Running, Phase.Prepared), Holder.NONE))
                .isEqualTo(Step.LEAVE);
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void incarnationsOfARetainedVmAreNotErasedOrRemoved(Phase phase) {
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Stopped, phase), Holder.RETAINED))
                .isEqualTo(Step.LEAVE);
    }

    @Test
    void theEnvelopeOfAnEndedIncarnationOfARetainedVmIsRemoved() {
        assertThat(OrphanPlan.plan(sealed(Phase.Stopping), Holder.RETAINED)).isEqualTo(Step.LEAVE);
        assertThat(OrphanPlan.plan(sealed(Phase.Stopped), Holder.RETAINED)).isEqualTo(Step.REMOVE_ENVELOPE);
    }

    private static VMIncarnation sealed(Phase phase) {
        VMIncarnation incarnation = incarnation(false, DesiredState.Stopped, phase);
        incarnation.setSpec(VMIncarnationSpecBuilder.builder()
                .epoch(1L)
                .nodeName("host-a")
                .desiredState(DesiredState.Stopped)
                .firstStart(false)
                .envelope("c2VhbGVk")
                .build());
        return incarnation;
    }

    private static VMIncarnation incarnation(boolean firstStart, DesiredState desired, Phase phase) {
        VMIncarnation incarnation = new VMIncarnation();
        incarnation.setSpec(VMIncarnationSpecBuilder.builder()
                .epoch(1L)
                .nodeName("host-a")
                .desiredState(desired)
                .firstStart(firstStart)
                .build());
        incarnation.setStatus(
                phase == null
                        ? null
                        : VMIncarnationStatusBuilder.builder()
                                .observedGeneration(1L)
                                .phase(phase)
                                .build());
        return incarnation;
    }
}
