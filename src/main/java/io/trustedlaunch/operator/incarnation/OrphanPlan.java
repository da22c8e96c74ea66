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
        /** Its VM is kept; its agent needs the key no more, and what is not there cannot leak. */
        REMOVE_ENVELOPE,
        /** Nothing is left of it. */
        REMOVE
    }

    /** Whose what it stands for is. */
    enum Holder {
        /** Its own VM's, or that of one which took it over: their controller's business. */
        A_VM,
        /** A VM's that was deleted and kept. */
        RETAINED,
        NOBODY
    }

    private OrphanPlan() {}

    static Step plan(VMIncarnation incarnation, Holder holder) {
        return switch (holder) {
            case A_VM -> Step.LEAVE;
            case RETAINED -> retained(incarnation);
            case NOBODY -> nobodys(incarnation);
        };
    }

    /** Where its node was lost, it ends when that is back; whoever takes the VM over needs to know how it ended. */
    private static Step retained(VMIncarnation incarnation) {
        Phase phase = phase(incarnation);
        boolean over = phase == Phase.Stopped || phase == Phase.Erased;
        return over && incarnation.getSpec().envelope() != null ? Step.REMOVE_ENVELOPE : Step.LEAVE;
    }

    private static Step nobodys(VMIncarnation incarnation) {
        return switch (phase(incarnation)) {
            case Erased -> Step.REMOVE;
            case Preparing, Prepared -> neverHadAnything(incarnation) ? Step.ERASE : Step.LEAVE;
            case Receiving, Running, Stopping, Stopped -> Step.LEAVE;
        };
    }

    private static Phase phase(VMIncarnation incarnation) {
        return Optional.ofNullable(incarnation.getStatus())
                .map(VMIncarnationStatus::phase)
                .orElse(Phase.Preparing);
    }

    /** A life that followed another shares its files. */
    private static boolean neverHadAnything(VMIncarnation incarnation) {
        return incarnation.getSpec().firstStart() && incarnation.getSpec().desiredState() != DesiredState.Erased;
    }
}
