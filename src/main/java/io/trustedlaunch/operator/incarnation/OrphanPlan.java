package io.trustedlaunch.operator.incarnation;

import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import java.util.Optional;

/** What becomes of an incarnation whose VM is gone; pure. */
final class OrphanPlan {
    enum Step {
        /** Its VM is there, or what it has may be somebody's data: an administrator's business. */
        LEAVE,
        /** It was made by an operator that lagged behind, and its guest can never run. */
        ERASE,
        /** Nothing is left of it. */
        REMOVE
    }

    private OrphanPlan() {}

    static Step plan(VMIncarnation incarnation, boolean vmExists) {
        if (vmExists) {
            return Step.LEAVE;
        }
        Phase phase = Optional.ofNullable(incarnation.getStatus())
                .map(VMIncarnationStatus::phase)
                .orElse(Phase.Preparing);
        return switch (phase) {
            case Erased -> Step.REMOVE;
            case Preparing, Prepared -> neverHadAnything(incarnation) ? Step.ERASE : Step.LEAVE;
            case Running, Stopping, Stopped -> Step.LEAVE;
        };
    }

    /** A life that followed another shares its files. */
    private static boolean neverHadAnything(VMIncarnation incarnation) {
        return incarnation.getSpec().firstStart() && incarnation.getSpec().desiredState() != DesiredState.Erased;
    }
}
