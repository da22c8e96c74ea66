package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Fill;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.Optional;

/** The steps of the filling of a VM's disks from the backup that it was started from at once. */
public interface FillStep extends VmStep {
    /** Has the node of the VM's incarnation serve the backup to it. */
    record Create(Fill fill, Incarnation incarnation) implements FillStep, OnCurrentVm {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.createDiskFill(fill, incarnation);
        }
    }

    /** Its node gets another envelope. */
    record Seal(Fill fill, DiskFill run) implements FillStep {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.sealDiskFill(fill, run);
        }
    }

    /** It is for no incarnation that may run, or was created for something else. */
    record Remove(DiskFill run) implements FillStep {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.delete(run);
        }
    }

    /** The disks are whole: they need the backup no more. First that goes on record. */
    record End(Fill fill, DiskFill run) implements FillStep {
        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.filled();
        }

        @Override
        public Optional<EventDraft> event() {
            return Optional.of(EventDraft.normal(
                    Reason.DisksFilled,
                    "the VM's disks are whole, and need VMBackup "
                            + fill.backup().name() + " no more"));
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.delete(run);
        }
    }
}
