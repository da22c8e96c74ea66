package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.operator.quota.Use;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.Optional;

/** The steps of a restore of a VM from one of its backups. */
public interface RestoreStep extends VmStep {
    /**
     * Puts a restore on record, or another node for one whose node is dead. No incarnation begins from then on. Carried out by
     * the write of the status.
     */
    record Begin(Restore restore) implements RestoreStep, Charged {
        @Override
        public Use use(VmFacts facts) {
            return QuotaChecks.ofRestore(facts, restore).use();
        }

        @Override
        public void beforeStatus(VmFacts facts, VmActions actions) {
            actions.confirmLeadership();
        }

        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.restore(restore, RestorePlan.underway(restore));
        }

        @Override
        public Failpoint statusWritten() {
            return Failpoint.OPERATOR_RESTORE_BEGUN;
        }
    }

    /** Has its node carry it out. */
    record CreateRun(Restore restore) implements RestoreStep, OnCurrentVm {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.createRestoreRun(restore);
            actions.reached(Failpoint.OPERATOR_RESTORE_RUN_CREATED);
        }
    }

    /** Its node is to begin from other proofs: the next pass creates it again. */
    record RemoveRun(RestoreRun run) implements RestoreStep {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.delete(run);
        }
    }

    /** Puts on record how it ended. Carried out by the write of the status. */
    record End(Restore restore) implements RestoreStep {
        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.restore(
                    restore,
                    restore.outcome() == RestoreOutcome.Completed
                            ? new Problem(Reason.Restored, message())
                            : RestorePlan.failure(restore));
        }

        @Override
        public Optional<EventDraft> event() {
            return restore.outcome() == RestoreOutcome.Completed
                    ? Optional.of(EventDraft.normal(Reason.Restored, message()))
                    : Optional.empty();
        }

        private String message() {
            return (restore.copyOf() == null ? inPlace() : ClonePlan.copied(restore))
                    + (restore.startsAtOnce() ? ". The disks are filled from the backup while the VM runs" : "");
        }

        private String inPlace() {
            String backup = " of VMBackup " + restore.backup().name();
            return (restore.leavesGuestState()
                            ? "the VM's data disks " + String.join(", ", restore.disks()) + " are those" + backup
                                    + ", and all else of it is as it was"
                            : "the VM's disks and guest state are those" + backup + " (guest state "
                                    + restore.guestState() + ")")
                    + ", approved by " + restore.approvedBy()
                    + "; the next start uses them. What was in the VM's folder before is in its folder replaced-by-restore-"
                    + restore.uid();
        }
    }
}
