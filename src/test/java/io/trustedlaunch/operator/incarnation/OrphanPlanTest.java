package io.trustedlaunch.operator.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.operator.incarnation.OrphanPlan.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OrphanPlanTest {
    @ParameterizedTest
    @EnumSource(Phase.class)
    void whileTheVmIsThereItsIncarnationsAreItsOwnControllersBusiness(Phase phase) {
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Erased, phase), true))
                .isEqualTo(Step.LEAVE);
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"Running", "Stopping", "Stopped"})
    void whatMayBeSomebodysDataIsLeft(Phase phase) {
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Running, phase), false))
                .isEqualTo(Step.LEAVE);
    }

    @Test
    void aFirstLifeThatNeverRanIsErasedAndThenRemoved() {
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Running, null), false))
                .isEqualTo(Step.ERASE);
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Running, Phase.Prepared), false))
                .isEqualTo(Step.ERASE);
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Erased, Phase.Preparing), false))
                .isEqualTo(Step.LEAVE);
        assertThat(OrphanPlan.plan(incarnation(true, DesiredState.Erased, Phase.Erased), false))
                .isEqualTo(Step.REMOVE);
    }

    @Test
    void aLaterLifeSharesTheFilesOfTheOnesBeforeAndIsLeft() {
        assertThat(OrphanPlan.plan(incarnation(false, DesiredState.Running, Phase.Prepared), false))
                .isEqualTo(Step.LEAVE);
    }

    private static VMIncarnation incarnation(boolean firstStart, DesiredState desired, Phase phase) {
        VMIncarnation incarnation = new VMIncarnation();
        incarnation.setSpec(
                new VMIncarnationSpec(null, 1L, "host-a", desired, null, firstStart, null, null, null, null, null));
        incarnation.setStatus(
                phase == null ? null : new VMIncarnationStatus(1L, phase, null, null, null, null, null, null, null));
        return incarnation;
    }
}
