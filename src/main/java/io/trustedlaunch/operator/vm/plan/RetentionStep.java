package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.operator.quota.Use;
import io.trustedlaunch.operator.quota.VmCharge;
import io.trustedlaunch.operator.vm.facts.DataDisks;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.List;
import java.util.Optional;

/** The steps of retaining a VM, and of taking over a retained one. */
public interface RetentionStep extends VmStep {
    /**
     * Writes the VM's record on the Secret of its key, so that another VM can take it over.
     *
     * @param namespaceUID of the VM's namespace
     * @param disks that the VM has had last
     * @param places where its devices are
     */
    record Retain(Optional<OsType> osType, Optional<String> namespaceUID, DataDisks disks, List<DevicePlace> places)
            implements RetentionStep {
        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.recorded();
        }

        @Override
        public boolean needsGuestStateOnRecord() {
            return true;
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.retain(VmRetention.recordOf(actions.vm(), this));
            actions.reached(Failpoint.OPERATOR_VM_RETAINED);
            actions.event(EventDraft.normal(
                    Reason.Retained,
                    "the VM's key is retained, as are its disks and guest state in StorageLocation "
                            + facts.vm().location()
                            + "; a new VM in this namespace takes them over with"
                            + " spec.restoreFrom.retainedVM.uid: " + facts.vm().uid()));
        }
    }

    /**
     * Makes a retained VM of one whose key was gone: the Secret of its key, as the escrow of its backup has it, with the
     * record.
     */
    record RestoreKey(ProtectionKey key, RetainedVMRecord record) implements RetentionStep, OnCurrentVm {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.restoreKey(key, record);
            actions.reached(Failpoint.OPERATOR_KEY_RESTORED);
            actions.event(EventDraft.normal(
                    Reason.KeyRestored,
                    "the key of VM " + record.uid() + " was taken from the escrow of VMBackup "
                            + facts.vm().spec().approveRestore().backupRef().name()));
        }
    }

    /** Makes this VM the only owner of the retained VM. */
    record Claim() implements RetentionStep, OnCurrentVm {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.claimRetained();
            actions.reached(Failpoint.OPERATOR_RETAINED_VM_CLAIMED);
        }
    }

    /**
     * Makes this VM the only owner of a retained VM whose last owner is gone.
     *
     * @param record which is in doubt from now on
     */
    record Inherit(RetainedVMRecord record) implements RetentionStep, OnCurrentVm {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.inheritRetained(record);
            actions.reached(Failpoint.OPERATOR_RETAINED_VM_CLAIMED);
        }
    }

    /** Copies the record of the retained VM to this VM's status. Carried out by the write of the status. */
    record TakeOver(RetainedVMRecord record) implements RetentionStep, Charged {
        @Override
        public Use use(VmFacts facts) {
            return VmCharge.of(record).use();
        }

        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.takenOver(record);
        }

        @Override
        public Optional<EventDraft> event() {
            return Optional.of(EventDraft.normal(
                    Reason.TakenOver,
                    "took over VM " + record.name() + " with UID " + record.uid() + " at epoch " + record.epoch()));
        }
    }

    /** This VM is deleted before it took over the VM that it claimed. */
    record GiveBack() implements RetentionStep {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.returnRetained();
        }
    }
}
