package io.trustedlaunch.operator.vm.status;

import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Approval;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.audit.AuditEntry;
import io.trustedlaunch.audit.AuditEntryBuilder;
import io.trustedlaunch.audit.AuditedObject;
import io.trustedlaunch.operator.vm.plan.RetentionStep;
import io.trustedlaunch.operator.vm.plan.VmStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The acts that a change of a VM's status carries out. */
public final class VmAudit {
    private VmAudit() {}

    /** @param before empty if there was no status yet */
    public static List<AuditEntry> of(
            TrustedLaunchVM vm, Optional<TrustedLaunchVMStatus> before, TrustedLaunchVMStatus after, VmStep step) {
        List<AuditEntry> acts = new ArrayList<>();
        if (step instanceof VmStep.Adopt adopted) {
            acts.add(about(vm, Act.VMAdopted, adopted.epoch())
                    .node(Optional.of(adopted.node()))
                    .build());
        }
        if (step instanceof RetentionStep.TakeOver taken) {
            acts.add(about(vm, Act.VMTakenOver, taken.record().epoch()).build());
        }
        VmEvents.usedApproval(before, after, step)
                .map(used -> approved(vm, after, used))
                .ifPresent(acts::add);
        return acts;
    }

    private static AuditEntry approved(TrustedLaunchVM vm, TrustedLaunchVMStatus after, Approval used) {
        return about(vm, Act.GuestStateApproved, used.forEpoch())
                .node(Optional.ofNullable(after.nodeName()))
                .approvedBy(Optional.ofNullable(used.approvedBy()))
                .build();
    }

    private static AuditEntryBuilder about(TrustedLaunchVM vm, Act act, Long epoch) {
        return AuditEntry.success(act, AuditedObject.of(vm))
                .vm(Optional.of(vm.identity()))
                .epoch(Optional.ofNullable(epoch));
    }
}
