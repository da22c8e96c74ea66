package io.trustedlaunch.operator.incarnation;

import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import java.util.Optional;

/** Decides what to do with an incarnation whose VM is gone. Pure. */
final class OrphanPlan {
    enum Step {
        /** Its VM exists, or it may have data that only an administrator may remove. */
        LEAVE,
        /** It was created by an operator that was late, and its guest can never run. */
        ERASE,
        /** Its VM is retained, and its agent does not need the key any more. */
        REMOVE_ENVELOPE,
        /** Nothing is left on its node. */
        REMOVE
    }

    /** Who the files of the incarnation belong to. */
    enum Holder {
        /** Its VM, or a VM that took it over. Their controller handles it. */
        VM,
        /** A retained VM, whose object was deleted. */
        RETAINED,
        NONE
    }

    private OrphanPlan() {}

    static Step plan(VMIncarnation incarnation, Holder holder) {
        return switch (holder) {
            case VM -> Step.LEAVE;
            case RETAINED -> retained(incarnation);
            case NONE -> orphaned(incarnation);
        };
    }

    /** If its node was lost, it ends when the node is back; a VM that takes over must see how it ended. */
    private static Step retained(VMIncarnation incarnation) {
        Phase phase = phase(incarnation);
        boolean over = phase == Phase.Stopped || phase == Phase.Erased;
        return over && incarnation.getSpec().envelope() != null ? Step.REMOVE_ENVELOPE : Step.LEAVE;
    }

    private static Step orphaned(VMIncarnation incarnation) {
        return switch (phase(incarnation)) {
            case Erased -> Step.REMOVE;
            case Preparing, Prepared -> hasNoFiles(incarnation) ? Step.ERASE : Step.LEAVE;
            case Receiving, Received, Running, Stopping, Stopped -> Step.LEAVE;
        };
    }

    private static Phase phase(VMIncarnation incarnation) {
        return Optional.ofNullable(incarnation.getStatus())
                .map(VMIncarnationStatus::phase)
                .orElse(Phase.Preparing);
    }

    /** A later incarnation shares the files of the earlier one. */
    private static boolean hasNoFiles(VMIncarnation incarnation) {
        return incarnation.getSpec().firstStart() && incarnation.getSpec().desiredState() != DesiredState.Erased;
    }
}
