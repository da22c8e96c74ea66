package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.operator.vm.plan.VmScene.EK;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Approval;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.operator.kube.EventDraft;
import io.trustedlaunch.operator.vm.status.VmEvents;
import io.trustedlaunch.operator.vm.status.VmStatus;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** An older guest state that a user approves: to whom it is handed, for how long, and what is said of it. */
class ApprovalTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final GuestStateVersion OLDER = new GuestStateVersion(2L, 4L);

    @Test
    void aIncarnationThatIsRefusedItsStateIsGivenIt() {
        assertThat(refused().approves(2, 4).step())
                .asInstanceOf(type(VmStep.SetApproval.class))
                .extracting(VmStep.SetApproval::approved)
                .isEqualTo(Optional.of(OLDER));
        assertThat(refused().approves(2, 4).given(2, 4).step()).isInstanceOf(VmStep.Wait.class);
    }

    @Test
    void itIsTakenBackOrChangedAsTheUserDoes() {
        assertThat(refused().given(2, 4).step())
                .asInstanceOf(type(VmStep.SetApproval.class))
                .extracting(VmStep.SetApproval::approved)
                .isEqualTo(Optional.empty());
        assertThat(refused().approves(2, 3).given(2, 4).step())
                .asInstanceOf(type(VmStep.SetApproval.class))
                .extracting(VmStep.SetApproval::approved)
                .isEqualTo(Optional.of(new GuestStateVersion(2L, 3L)));
    }

    @Test
    void aIncarnationThatBeginsUnhinderedMayHaveClaimedAndIsGivenNothing() {
        VmScene scene =
                third().approves(2, 4).incarnation(3, DesiredState.Running, told(Phase.Preparing, "Starting", null));
        assertThat(scene.step()).isInstanceOf(VmStep.Wait.class);
        assertThat(third().approves(2, 4)
                        .incarnation(3, DesiredState.Running, told(Phase.Preparing, "EkMismatch", claim()))
                        .step())
                .isInstanceOf(VmStep.Wait.class);
    }

    @Test
    void theNextIncarnationIsMadeWithIt() {
        assertThat(made(third().approves(2, 4))).isEqualTo(OLDER);
    }

    @Test
    void aIncarnationThatClaimedIsNotMadeAgainWithIt() {
        assertThat(made(third().floor(3, 1).approves(2, 4))).isNull();
    }

    @Test
    void itIsOnRecordWithItsAuthorOnceTheIncarnationHasClaimed() {
        TrustedLaunchVMStatus status = statusOf(begun());
        assertThat(status.guestState().approval()).isEqualTo(new Approval(OLDER, "ada", NOON.toString(), 3L));
        assertThat(status.guestState().floor()).isEqualTo(new GuestStateVersion(3L, 1L));
    }

    @Test
    void oneEventTellsOfIt() {
        VmScene scene = begun();
        TrustedLaunchVMStatus before = scene.facts().vm().getStatus();
        TrustedLaunchVMStatus after = statusOf(scene);
        assertThat(VmEvents.of(before, after, scene.step()))
                .filteredOn(happening -> happening.reason() == Reason.GuestStateApproved)
                .singleElement()
                .extracting(EventDraft::message)
                .asString()
                .contains("epoch 3", "2-4", "ada");
        assertThat(VmEvents.of(after, after, scene.step())).isEmpty();
    }

    @Test
    void anAuthorWhoIsNoLongerKnownIsNotGuessed() {
        assertThat(statusOf(begun().approves(1, 9)).guestState().approval().approvedBy())
                .isNull();
    }

    @Test
    void itIsForOneIncarnationOnly() {
        VmScene over = begun().incarnation(3, DesiredState.Running, ended()).given(2, 4);
        assertThat(over.step()).isInstanceOf(VmStep.ReserveEpoch.class);
        VmScene fourth = over.status(statusOf(over));
        assertThat(made(fourth)).isNull();
        assertThat(made(fourth.approves(3, 1))).isEqualTo(new GuestStateVersion(3L, 1L));
    }

    @Test
    void aIncarnationThatNeverClaimedHasNotUsedIt() {
        VmScene over = third().approves(2, 4)
                .incarnation(
                        3,
                        DesiredState.Stopped,
                        VMIncarnationStatusBuilder.builder()
                                .observedGeneration(1L)
                                .phase(Phase.Stopped)
                                .ekDigest(EK)
                                .exit(Exit.NeverRan)
                                .build())
                .given(2, 4);
        VmScene fourth = over.status(statusOf(over));
        assertThat(made(fourth)).isEqualTo(OLDER);
    }

    private static GuestStateVersion made(VmScene scene) {
        assertThat(scene.step()).isInstanceOf(VmStep.CreateIncarnation.class);
        return ((VmStep.CreateIncarnation) scene.step()).incarnation().getSpec().approvedGuestState();
    }

    private static VmScene third() {
        return reserved(3).onRecord("host-a", 3, EK);
    }

    private static VmScene refused() {
        return third().incarnation(3, DesiredState.Running, told(Phase.Preparing, "GuestStateRolledBack", null));
    }

    private static VmScene begun() {
        return third().approves(2, 4)
                .incarnation(3, DesiredState.Running, told(Phase.Prepared, "Starting", claim()))
                .given(2, 4);
    }

    private static SealedState claim() {
        return new SealedState(new GuestStateVersion(3L, 1L), NOON.toString(), null, false, null);
    }

    private static VMIncarnationStatus told(Phase phase, String reason, SealedState state) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .reason(reason)
                .message("because")
                .ekDigest(EK)
                .guestState(state)
                .build();
    }

    private static VMIncarnationStatus ended() {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(Phase.Stopped)
                .ekDigest(EK)
                .guestState(claim())
                .exit(Exit.Crashed)
                .build();
    }

    private static TrustedLaunchVMStatus statusOf(VmScene scene) {
        return VmStatus.of(scene.facts(), scene.step(), NOON).orElseThrow();
    }
}
