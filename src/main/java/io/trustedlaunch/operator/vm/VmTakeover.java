package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.Reason;
import java.util.List;

/** A VM that is to take over a retained one, until the record of that one is its own. Nothing else may be done for it. */
final class VmTakeover {
    private final VmFacts facts;

    VmTakeover(VmFacts facts) {
        this.facts = facts;
    }

    /** What bears the identity in {@code spec.restoreFrom} is another's so far. */
    static boolean isAhead(VmFacts facts) {
        return facts.spec().restoreFrom() != null && facts.epoch() == 0;
    }

    VmStep plan() {
        return facts.vm().isMarkedForDeletion()
                ? new VmStep.Release(List.of(), List.of())
                : new VmStep.Refuse(Obstacle.of(
                        Reason.RetainedVMNotFound,
                        "spec.restoreFrom.retainedVM.uid is " + facts.uid()
                                + ": no VM with that UID was deleted from this namespace with deletionPolicy: Retain"));
    }
}
