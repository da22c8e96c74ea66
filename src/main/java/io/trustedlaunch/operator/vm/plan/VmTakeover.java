package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.ProtectionKeySecret;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.RetainedVm;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.time.Duration;
import java.util.List;

/** A VM that is to take over a retained one, until the record of that one is its own. Nothing else may be done for it. */
final class VmTakeover {
    /** Nothing watches for the former owner's end. */
    private static final Duration SOON = Duration.ofSeconds(2);

    private final VmFacts facts;

    VmTakeover(VmFacts facts) {
        this.facts = facts;
    }

    /** What bears the identity in {@code spec.restoreFrom} is another's so far. */
    static boolean isAhead(VmFacts facts) {
        return facts.spec().restoreFrom() != null && facts.epoch() == 0;
    }

    VmStep plan() {
        if (facts.vm().isMarkedForDeletion()) {
            return facts.keeping().heldBy(facts.ownerUid()).isPresent()
                    ? new VmStep.GiveBack()
                    : new VmStep.Release(List.of(), List.of());
        }
        return switch (facts.keeping()) {
            case RetainedVm.None none -> notFound();
            // Whose it is cannot be told, so that nobody of another namespace hears of it.
            case RetainedVm.Damaged damaged -> notFound();
            case RetainedVm.Kept kept -> belongsHere(kept.record()) ? takeOver(kept) : notFound();
        };
    }

    /** A tenant must neither take over another tenant's VM nor find out that there is one. */
    private boolean belongsHere(RetainedVMRecord record) {
        return record.uid().equals(facts.uid())
                && record.namespace().equals(facts.vm().getMetadata().getNamespace());
    }

    private VmStep notFound() {
        return new VmStep.Refuse(
                Reason.RetainedVMNotFound,
                "spec.restoreFrom.retainedVM.uid is " + facts.uid()
                        + ": no VM with that UID was deleted from this namespace with deletionPolicy: Retain;"
                        + " create the VM with the UID of one that was");
    }

    private VmStep takeOver(RetainedVm.Kept kept) {
        if (facts.keeping().heldByAnotherThan(facts.ownerUid())) {
            return new VmStep.Refuse(
                    Reason.RetainedVMInUse,
                    "the VM that spec.restoreFrom.retainedVM.uid names has been taken over by the VM with UID "
                            + kept.holder().orElseThrow()
                            + ": this one follows when that one is deleted with deletionPolicy: Retain");
        }
        return TakeoverChecks.misfit(facts.spec(), kept.record())
                .<VmStep>map(misfit -> new VmStep.Refuse(Reason.RestoreMismatch, misfit))
                .orElseGet(() -> fitting(kept));
    }

    private VmStep fitting(RetainedVm.Kept kept) {
        if (!(facts.key() instanceof KeyFacts.Held)) {
            return new VmStep.Refuse(
                    Reason.KeyInvalid,
                    "Secret " + ProtectionKeySecret.nameFor(facts.uid())
                            + " holds no protection key: restore it from a backup");
        }
        if (!facts.hasFinalizer()) {
            return new VmStep.AddFinalizer();
        }
        if (kept.holder().isPresent()) {
            return new VmStep.TakeOver(kept.record());
        }
        return facts.formerOwnerPresent() ? stillThere(kept.record()) : new VmStep.Claim();
    }

    private static VmStep stillThere(RetainedVMRecord record) {
        return new VmStep.Wait(
                new Problem(
                        Reason.RetainedVMInUse,
                        "VM " + record.name()
                                + ", which spec.restoreFrom.retainedVM.uid names, is still being deleted"),
                SOON);
    }
}
