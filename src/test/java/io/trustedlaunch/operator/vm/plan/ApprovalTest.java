package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmScene.NOON;
import static io.trustedlaunch.operator.vm.plan.VmScene.recorded;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Approval;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.operator.vm.status.VmEvents;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** An older guest state that a user approves: which incarnation gets it, for how long, and how it is reported. */
class ApprovalTest {
    private static final GuestStateVersion OLDER = new GuestStateVersion(2L, 4L);
    private static final SealedState CLAIM = sealed(3, 1);

    @Test
    void anIncarnationWhoseStateWasRefusedGetsTheApproval() {
        assertThat(rolledBack().approves(2, 4).step(VmStep.SetApproval.class).approved())
                .isEqualTo(Optional.of(OLDER));
        assertThat(rolledBack().approves(2, 4).given(2, 4).step()).isInstanceOf(VmStep.Wait.class);
    }

    @Test
    void itIsRemovedOrChangedWithTheSpec() {
        assertThat(rolledBack().given(2, 4).step(VmStep.SetApproval.class).approved())
                .isEqualTo(Optional.empty());
        assertThat(rolledBack()
                        .approves(2, 3)
                        .given(2, 4)
                        .step(VmStep.SetApproval.class)
                        .approved())
                .isEqualTo(Optional.of(new GuestStateVersion(2L, 3L)));
    }

    @Test
    void anIncarnationThatMayHaveClaimedItsStateGetsNoApproval() {
        VmScene scene = recorded(3).approves(2, 4).incarnation(3, Running, preparing("Starting"));
        assertThat(scene.step()).isInstanceOf(VmStep.Wait.class);
        assertThat(recorded(3)
                        .approves(2, 4)
                        .incarnation(3, Running, preparing("EkMismatch").guestState(CLAIM))
                        .step())
                .isInstanceOf(VmStep.Wait.class);
    }

    @Test
    void theNextIncarnationIsCreatedWithIt() {
        assertThat(approved(recorded(3).approves(2, 4))).isEqualTo(OLDER);
    }

    @Test
    void anIncarnationThatClaimedItsStateIsCreatedAgainWithoutIt() {
        assertThat(approved(recorded(3).floor(3, 1).approves(2, 4))).isNull();
    }

    @Test
    void itIsOnRecordWithItsAuthorOnceTheIncarnationHasClaimed() {
        TrustedLaunchVMStatus status = begun().newStatus();
        assertThat(status.guestState().approval()).isEqualTo(new Approval(OLDER, "ada", NOON.toString(), 3L, null));
        assertThat(status.guestState().floor()).isEqualTo(new GuestStateVersion(3L, 1L));
    }

    @Test
    void oneEventReportsIt() {
        VmScene scene = begun();
        TrustedLaunchVMStatus before = scene.vm().getStatus();
        TrustedLaunchVMStatus after = scene.newStatus();
        assertThat(VmEvents.of(Optional.of(before), after, scene.step()))
                .filteredOn(event -> event.reason() == Reason.GuestStateApproved)
                .singleElement()
                .extracting(EventDraft::message)
                .asString()
                .contains("epoch 3", "2-4", "ada");
        assertThat(VmEvents.of(Optional.of(after), after, scene.step())).isEmpty();
    }

    @Test
    void anAuthorWhoIsNoLongerKnownIsLeftEmpty() {
        assertThat(begun().approves(1, 9).newStatus().guestState().approval().approvedBy())
                .isNull();
    }

    @Test
    void itIsForOneIncarnationOnly() {
        VmScene over = begun().incarnation(3, Running, ended(Exit.Crashed).guestState(CLAIM))
                .given(2, 4);
        assertThat(over.step()).isInstanceOf(VmStep.ReserveEpoch.class);
        VmScene fourth = over.written();
        assertThat(approved(fourth)).isNull();
        assertThat(approved(fourth.approves(3, 1))).isEqualTo(new GuestStateVersion(3L, 1L));
    }

    @Test
    void aStateThatWasUsedIsApprovedAgainOnlyByNamingTheUse() {
        VmScene fourth = begun().incarnation(3, Running, ended(Exit.Crashed).guestState(CLAIM))
                .given(2, 4)
                .written();
        assertThat(approved(fourth.approves(2, 4, 2L))).isNull();
        assertThat(approved(fourth.approves(2, 4, 9L))).isNull();
        assertThat(approved(fourth.approves(2, 4, 3L))).isEqualTo(OLDER);
    }

    @Test
    void anIncarnationThatNeverClaimedItsStateHasNotUsedIt() {
        VmScene over = recorded(3)
                .approves(2, 4)
                .incarnation(3, Stopped, ended(Exit.NeverRan))
                .given(2, 4);
        VmScene fourth = over.written();
        assertThat(approved(fourth)).isEqualTo(OLDER);
    }

    private static VmScene rolledBack() {
        return recorded(3).incarnation(3, Running, preparing("GuestStateRolledBack"));
    }

    private static VmScene begun() {
        return recorded(3)
                .approves(2, 4)
                .incarnation(
                        3, Running, reported(Phase.Prepared).reason("Starting").guestState(CLAIM))
                .given(2, 4);
    }

    private static VMIncarnationStatusBuilder preparing(String reason) {
        return reported(Phase.Preparing).reason(reason).message("because");
    }

    private static GuestStateVersion approved(VmScene scene) {
        return created(scene).approvedGuestState();
    }
}
