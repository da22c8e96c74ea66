package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.allowed;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.missing;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.refused;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.withDigest;
import static io.trustedlaunch.operator.vm.plan.VmScene.recorded;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.neverRan;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.operator.vm.status.VmEvents;
import io.trustedlaunch.testkit.Vms;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A VM is created from its image when its guest runs for the first time. Until then the image must be eligible (I5). */
class CreationFromImageTest {
    @ParameterizedTest
    @EnumSource(names = {"Preparing", "Prepared"})
    void aPreparationEndsWhenItsImageIsNoLongerEligible(Phase phase) {
        VmScene scene = reserved(1).incarnation(1, Running, reported(phase)).image(refused(Reason.NoRuleAllows));
        assertThat(scene.step()).isInstanceOf(VmStep.Retire.class);
        assertShows(scene, Reason.NoRuleAllows, "refused");
    }

    @Test
    void aPreparationEndsWhenItsImageIsDeleted() {
        VmScene scene = prepared().image(missing());
        assertThat(scene.step()).isInstanceOf(VmStep.Retire.class);
        assertShows(scene, Reason.ImageNotFound, "ws2022");
        assertThat(condition(scene.newStatus(), ConditionType.ImageEligible).getStatus())
                .isEqualTo("False");
    }

    @Test
    void itsEndorsementKeyDoesNotGoOnRecord() {
        assertThat(prepared().image(refused(Reason.NoRuleAllows)).newStatus().vTPM())
                .isNull();
        assertThat(withdrawn().newStatus().vTPM()).isNull();
    }

    /** The data may be from a backup, and the TPM may have been made anew since. */
    @Test
    void norDoesOneThatWasReportedToAnEarlierLeader() {
        assertThat(reserved(1)
                        .incarnation(1, Running, reported(Phase.Prepared).answers("operator-0"))
                        .newStatus()
                        .vTPM())
                .isNull();
    }

    /** Restored data did not know that the epoch was handed out before; its guest runs on the other node. */
    @Test
    void norDoesThatOfAnEpochWhichAnotherNodeReports() {
        assertThat(withTpm().newStatus().vTPM()).isNotNull();
        assertThat(withTpm().seen("host-b", 1).newStatus().vTPM()).isNull();
    }

    private static VmScene withTpm() {
        return reserved(1).incarnation(1, Running, reported(Phase.Prepared).ekDigest(Vms.EK));
    }

    @Test
    void theVerdictIsShownFromTheRequestToTheEndAndMakesOneEvent() {
        VmScene scene = reserved(1)
                .incarnation(1, Running, reported(Phase.Preparing))
                .written()
                .incarnation(1, Running, reported(Phase.Prepared));
        TrustedLaunchVMStatus before = scene.vm().getStatus();
        TrustedLaunchVMStatus retired =
                scene.image(refused(Reason.NoRuleAllows)).newStatus();
        assertThat(VmEvents.of(Optional.of(before), retired, scene.step()))
                .extracting(EventDraft::reason)
                .containsExactly(Reason.NoRuleAllows);
        VmScene stopping = scene.status(retired).incarnation(1, Stopped, reported(Phase.Prepared));
        assertWaits(stopping, Reason.NoRuleAllows);
        assertThat(stopping.newStatus()).isEqualTo(retired);
        VmScene over = stopping.incarnation(1, Stopped, preparedAndEnded());
        assertThat(over.newStatus().conditions()).isEqualTo(retired.conditions());
    }

    @Test
    void aHaltedVmIsShownAsStopping() {
        VmScene scene = prepared().image(refused(Reason.NoRuleAllows)).strategy(RunStrategy.Halted);
        assertThat(scene.step()).isInstanceOf(VmStep.Retire.class);
        assertShows(scene, Reason.Stopping, "host-a");
    }

    @Test
    void aPreparationThatMadeATpmIsNotFollowedByAStartFromAnIneligibleImage() {
        assertRefused(withdrawn(), Reason.NoRuleAllows);
        assertRefused(withdrawn().image(missing()), Reason.ImageNotFound);
        assertThat(withdrawn().image(allowed()).step()).isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @Test
    void theSecondPreparationOfAVmThatNeverRanEndsToo() {
        VmScene second = reserved(2)
                .floor(1, 1)
                .incarnation(2, Running, reported(Phase.Prepared))
                .incarnation(2, spec -> spec.firstStart(true));
        assertThat(second.step()).isInstanceOf(VmStep.Wait.class);
        assertThat(second.image(refused(Reason.NoRuleAllows)).step()).isInstanceOf(VmStep.Retire.class);
    }

    @Test
    void disksThatWereMadeFromAnotherDigestAreRemovedFirst() {
        VmScene changed = withdrawn().image(withDigest("f".repeat(64)));
        assertThat(changed.step()).isInstanceOf(VmStep.Erase.class);
        VmScene second = reserved(2)
                .floor(1, 1)
                .incarnation(2, Running, reported(Phase.Prepared))
                .incarnation(2, spec -> spec.firstStart(true));
        assertThat(second.image(withDigest("f".repeat(64))).step()).isInstanceOf(VmStep.Retire.class);
    }

    @Test
    void anIncarnationThatNoAgentHasReportedMayBeOneThatRuns() {
        assertThat(reserved(1)
                        .incarnation(1, Running)
                        .image(refused(Reason.NoRuleAllows))
                        .step())
                .isInstanceOf(VmStep.Wait.class);
    }

    @Test
    void aVmThatRanBeforeItWasOnRecordIsNotAsked() {
        assertThat(reserved(1)
                        .incarnation(1, Running, reported(Phase.Running))
                        .image(refused(Reason.NoRuleAllows))
                        .step())
                .isInstanceOf(VmStep.Settled.class);
    }

    /** Its record may be from before a later incarnation, whose node has not answered yet. */
    @Test
    void itsEndorsementKeyGoesOnRecordOnceAllNodesHaveAnswered() {
        VmScene ended = reserved(1).incarnation(1, Stopped, ended(Exit.Crashed));

        assertThat(ended.newStatus().vTPM()).isNotNull();
        assertThat(ended.seen("host-b", 2).newStatus().vTPM()).isNull();
        assertThat(ended.unanswered("host-b").newStatus().vTPM()).isNull();
    }

    @ParameterizedTest
    @EnumSource(names = {"Preparing", "Prepared"})
    void aLaterStartIsNotAsked(Phase phase) {
        assertThat(recorded(2)
                        .incarnation(2, Running, reported(phase))
                        .image(refused(Reason.NoRuleAllows))
                        .step())
                .isInstanceOf(VmStep.Wait.class);
    }

    @Test
    void aLiveMigrationIsNotAsked() {
        assertThat(recorded(2)
                        .incarnation(2, Running, status(Phase.Prepared))
                        .incarnation(2, spec -> spec.arrival(new Arrival(1L, "host-b", true, false)))
                        .image(refused(Reason.NoRuleAllows))
                        .step())
                .isNotInstanceOf(VmStep.Retire.class);
    }

    private static VmScene prepared() {
        return reserved(1).incarnation(1, Running, reported(Phase.Prepared));
    }

    /** It was prepared, with a TPM, and ended before its guest ran. */
    private static VmScene withdrawn() {
        return reserved(1).incarnation(1, Stopped, preparedAndEnded()).image(refused(Reason.NoRuleAllows));
    }

    private static VMIncarnationStatusBuilder preparedAndEnded() {
        return neverRan().ekDigest(Vms.EK).guestState(sealed(1, 1, true));
    }

    private static void assertShows(VmScene scene, Reason reason, String text) {
        Condition ready = condition(scene.newStatus(), ConditionType.Ready);
        assertThat(ready.getStatus()).isEqualTo("False");
        assertThat(ready.getReason()).isEqualTo(reason.name());
        assertThat(ready.getMessage()).contains(text);
    }

    private static Condition condition(TrustedLaunchVMStatus status, ConditionType type) {
        return Conditions.find(status.conditions(), type).orElseThrow();
    }
}
