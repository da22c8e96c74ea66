package io.trustedlaunch.operator.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.operator.incarnation.OrphanPlan.Holder;
import io.trustedlaunch.operator.incarnation.OrphanPlan.Step;
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
            names = {"Running", "Stopping", "Stopped"})
    void anIncarnationThatMayHaveDataIsLeft(Phase phase) {
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Running, phase), Holder.NONE))
                .isEqualTo(Step.LEAVE);
    }

    @Test
    void aFirstIncarnationThatNeverRanIsErasedAndThenRemoved() {
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Running, null), Holder.NONE))
                .isEqualTo(Step.ERASE);
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Running, Phase.Prepared), Holder.NONE))
                .isEqualTo(Step.ERASE);
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
        incarnation.setSpec(new VMIncarnationSpec(
                null, 1L, "host-a", DesiredState.Stopped, null, false, null, null, null, null, "c2VhbGVk", null, null));
        return incarnation;
    }

    private static VMIncarnation incarnation(boolean firstStart, DesiredState desired, Phase phase) {
        VMIncarnation incarnation = new VMIncarnation();
        incarnation.setSpec(new VMIncarnationSpec(
                null, 1L, "host-a", desired, null, firstStart, null, null, null, null, null, null, null));
        incarnation.setStatus(
                phase == null
                        ? null
                        : new VMIncarnationStatus(1L, phase, null, null, null, null, null, null, null, null));
        return incarnation;
    }
}
