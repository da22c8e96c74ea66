package io.trustedlaunch.operator.vm.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.RetainedVMRecordBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Approval;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.audit.AuditEntry;
import io.trustedlaunch.audit.AuditedObject;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.operator.vm.plan.RetentionStep;
import io.trustedlaunch.operator.vm.plan.VmStep;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VmAuditTest {
    private static final VmStep RUNNING = new VmStep.Settled(Reason.Running, "");
    private static final GuestState APPROVED = TrustedLaunchVMStatusGuestStateBuilder.builder()
            .home(new Home("default", "host-a", 3L, true, Incarnations.CLUSTER))
            .approval(new Approval(new GuestStateVersion(2L, 4L), "ada", "2026-03-01T12:00:00Z", 3L, null))
            .build();
    private static final RetainedVMRecord RECORD = RetainedVMRecordBuilder.builder()
            .namespace(Vms.NAMESPACE)
            .name("old")
            .uid("uid-of-old")
            .epoch(7L)
            .guestState(APPROVED)
            .osDisk(new OsDisk(null))
            .build();

    private final TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
    private final AuditedObject object = AuditedObject.of(vm);

    @Test
    void anAdoptionNamesTheNodeAndTheEpoch() {
        assertThat(acts(status(null), status(null), new VmStep.Adopt("host-b", 4)))
                .containsExactly(AuditEntry.success(Act.VMAdopted, object)
                        .vm(Optional.of(Vms.UID))
                        .node(Optional.of("host-b"))
                        .epoch(Optional.of(4L))
                        .build());
    }

    @Test
    void aTakeoverIsRecordedAndTheApprovalThatTheFormerVmUsedIsNotRepeated() {
        RetentionStep.TakeOver step = new RetentionStep.TakeOver(RECORD);
        assertThat(acts(status(null), status(APPROVED), step))
                .containsExactly(AuditEntry.success(Act.VMTakenOver, object)
                        .vm(Optional.of(Vms.UID))
                        .epoch(Optional.of(7L))
                        .build());
        assertThat(VmEvents.of(Optional.of(status(null)), status(APPROVED), step))
                .extracting(EventDraft::reason)
                .containsExactly(Reason.TakenOver);
    }

    @Test
    void anApprovalIsRecordedOnceItIsUsedWithTheOneWhoApproved() {
        assertThat(acts(status(null), status(APPROVED), RUNNING))
                .containsExactly(AuditEntry.success(Act.GuestStateApproved, object)
                        .vm(Optional.of(Vms.UID))
                        .node(Optional.of("host-a"))
                        .epoch(Optional.of(3L))
                        .approvedBy(Optional.of("ada"))
                        .build());
        assertThat(acts(status(APPROVED), status(APPROVED), RUNNING)).isEmpty();
    }

    @Test
    void theNormalCourseIsNotRecorded() {
        assertThat(acts(status(null), status(null), RUNNING)).isEmpty();
    }

    private List<AuditEntry> acts(TrustedLaunchVMStatus before, TrustedLaunchVMStatus after, VmStep step) {
        return VmAudit.of(vm, Optional.of(before), after, step);
    }

    private static TrustedLaunchVMStatus status(GuestState guestState) {
        return TrustedLaunchVMStatusBuilder.builder()
                .nodeName("host-a")
                .guestState(guestState)
                .build();
    }
}
