package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.operator.vm.facts.EscrowFacts;
import io.trustedlaunch.operator.vm.facts.FormerOwner;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.RetainedVm;
import io.trustedlaunch.operator.vm.facts.Takeover;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.recovery.BackedUpVm;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Takes over a retained VM. Until its record is copied, nothing else is done for the VM. */
final class VmTakeover {
    /** No event follows when the former owner is gone. */
    private static final Duration SOON = Duration.ofSeconds(2);

    private final VmFacts facts;
    private final VmObject vm;

    VmTakeover(VmFacts facts) {
        this.facts = facts;
        this.vm = facts.vm();
    }

    /** The identity in {@code spec.restoreFrom} still belongs to another VM. */
    static boolean isAhead(VmFacts facts) {
        return Takeover.isAhead(
                facts.vm().resource(),
                facts::key,
                () -> facts.incarnations().all().stream()
                        .map(Incarnation::resource)
                        .toList());
    }

    /**
     * The last incarnation of the VM taken over has ended: its record is complete, or no node reports it. Nodes also report
     * incarnations that have ended.
     */
    static boolean isOfEndedIncarnation(VmFacts facts) {
        boolean isReported = facts.nodes()
                .inventory()
                .latest()
                .filter(reported -> reported.epoch() >= facts.vm().epoch())
                .isPresent();
        return facts.retained()
                .heldBy(facts.vm().ownerUid())
                .map(RetainedVm.Found::record)
                .filter(record -> record.epoch() == facts.vm().epoch())
                .filter(record -> record.home().complete() || !isReported)
                .isPresent();
    }

    VmStep plan() {
        if (vm.isBeingDeleted()) {
            return deleted();
        }
        return switch (facts.retained()) {
            case RetainedVm.None none -> facts.key() instanceof KeyFacts.Absent ? fromBackup() : notFound();
            // Its namespace is unknown, so another tenant must not find out that it exists.
            case RetainedVm.Damaged damaged -> notFound();
            case RetainedVm.Found found -> belongsHere(found.record()) ? takeOver(found) : notFound();
        };
    }

    /**
     * Its status may be true: then a Secret that is put back names this VM, and only it can write the record as it is now. Of what
     * it says about itself, only its own deletion follows.
     */
    private VmStep deleted() {
        if (facts.retained().heldBy(vm.ownerUid()).isPresent()) {
            return new RetentionStep.GiveBack();
        }
        boolean mayHaveTakenOver = facts.key() instanceof KeyFacts.Absent && vm.epoch() > 0;
        return StartChecks.key(facts)
                .filter(missing -> mayHaveTakenOver && vm.isToBeRetained())
                .map(VmTakeover::withoutKey)
                .orElseGet(() -> new RemovalStep.Release(List.of(), List.of()));
    }

    private static VmStep withoutKey(Problem missing) {
        return new VmStep.Refuse(
                missing.reason(),
                missing.message()
                        + ". Without the key the VM cannot be retained; to remove only this VM object and leave the VM's"
                        + " files where they are, set deletionPolicy to Delete");
    }

    /** Its key is gone, as after its deletion; the escrow of one of its backups has it. */
    private VmStep fromBackup() {
        return switch (facts.restore().escrow()) {
            case EscrowFacts.None none -> notFound();
            case EscrowFacts.Unusable(String why) -> withoutEscrow(why);
            case EscrowFacts.Opened opened -> fromBackup(opened);
        };
    }

    private VmStep fromBackup(EscrowFacts.Opened opened) {
        RetainedVMRecord record = BackedUpVm.record(
                opened.escrow(), opened.guestState(), facts.takeover().namespaceUID());
        String name = "VMBackup " + vm.spec().approveRestore().backupRef().name();
        if (!vm.uid().equals(opened.vmUID())) {
            return withoutEscrow(name + " is of VM " + opened.vmUID());
        }
        if (!record.uid().equals(vm.uid()) || !record.namespace().equals(vm.namespace())) {
            return withoutEscrow("the escrow of " + name + " is of another VM");
        }
        if (facts.takeover().identityInUse() || !facts.incarnations().all().isEmpty()) {
            return new VmStep.Wait(
                    new Problem(
                            Reason.RetainedVMInUse,
                            "the VM that spec.restoreFrom.retainedVM.uid names still exists, or is still being deleted; this"
                                    + " VM gets its key from " + name + " afterwards"),
                    SOON);
        }
        Optional<Problem> quota = new QuotaChecks(facts).takeover(record);
        if (quota.isPresent()) {
            return new VmStep.Refuse(quota.get());
        }
        return vm.hasFinalizer()
                ? new RetentionStep.RestoreKey(opened.escrow().key(), record)
                : new VmStep.AddFinalizer();
    }

    private VmStep withoutEscrow(String why) {
        return new VmStep.Refuse(
                Reason.EscrowUnusable,
                "the key of VM " + vm.uid() + " is not in this cluster, and " + why
                        + ". Approve another of its backups, or ask an administrator to import it with the recovery key:"
                        + " kubectl tlvm backup import --help");
    }

    /**
     * A tenant must neither take over another tenant's VM nor find out that there is one. A namespace that is created again
     * under the same name may be another tenant's.
     */
    private boolean belongsHere(RetainedVMRecord record) {
        return record.uid().equals(vm.uid())
                && record.namespace().equals(vm.namespace())
                && (record.namespaceUID() == null
                        || facts.takeover().namespaceUID().equals(Optional.of(record.namespaceUID())));
    }

    private VmStep notFound() {
        return new VmStep.Refuse(
                Reason.RetainedVMNotFound,
                "spec.restoreFrom.retainedVM.uid is " + vm.uid()
                        + ": no VM with that UID was deleted from this namespace with deletionPolicy: Retain;"
                        + " create the VM with the UID of a retained VM, or name one of that VM's backups in"
                        + " spec.approveRestore");
    }

    private VmStep takeOver(RetainedVm.Found found) {
        if (facts.retained().heldByAnotherThan(vm.ownerUid())
                && facts.takeover().formerOwner() != FormerOwner.GONE) {
            return new VmStep.Refuse(
                    Reason.RetainedVMInUse, inUse(found.holder().orElseThrow()));
        }
        return TakeoverChecks.mismatch(vm.spec(), found.record())
                .<VmStep>map(mismatch -> new VmStep.Refuse(Reason.RestoreMismatch, mismatch))
                .orElseGet(() -> matching(found));
    }

    private String inUse(String holder) {
        String taken = "the VM that spec.restoreFrom.retainedVM.uid names was taken over by the VM with UID " + holder;
        return facts.takeover().formerOwner() == FormerOwner.PRESENT
                ? taken + ": this VM takes it over once that VM is deleted with deletionPolicy: Retain"
                : taken
                        + ", which is gone, but a VMIncarnation of it has not ended, and may have a guest: this VM takes it over"
                        + " once that has ended; ask an administrator to set its spec.desiredState to Stopped";
    }

    private VmStep matching(RetainedVm.Found found) {
        if (!(facts.key() instanceof KeyFacts.Held)) {
            return new VmStep.Refuse(
                    Reason.KeyInvalid,
                    "Secret " + ProtectionKeySecret.nameFor(vm.uid())
                            + " holds no protection key: restore it from a backup");
        }
        Optional<Problem> quota = new QuotaChecks(facts).takeover(found.record());
        if (quota.isPresent()) {
            return new VmStep.Refuse(quota.get());
        }
        if (!vm.hasFinalizer()) {
            return new VmStep.AddFinalizer();
        }
        if (found.holder().equals(Optional.of(vm.ownerUid()))) {
            return new RetentionStep.TakeOver(found.record());
        }
        if (facts.takeover().formerOwner() == FormerOwner.PRESENT) {
            return stillThere(found.record());
        }
        RetainedVMRecord record = found.holder().isPresent() ? found.record().inDoubt() : found.record();
        // A status with another epoch says what this VM has not been given.
        if (vm.epoch() != 0 && vm.epoch() != record.epoch()) {
            return new RetentionStep.TakeOver(record);
        }
        return found.holder().isPresent() ? new RetentionStep.Inherit(record) : new RetentionStep.Claim();
    }

    private static VmStep stillThere(RetainedVMRecord record) {
        return new VmStep.Wait(
                new Problem(
                        Reason.RetainedVMInUse,
                        "VM " + record.name()
                                + ", which spec.restoreFrom.retainedVM.uid names, is still being deleted; this VM takes"
                                + " it over afterwards"),
                SOON);
    }
}
