package io.trustedlaunch.operator.incarnation;

import io.trustedlaunch.api.incarnation.EpochProgress;
import io.trustedlaunch.api.incarnation.EpochProgress.Reached;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import java.util.Objects;

/** Decides what to do with an incarnation whose VM is gone. Pure. */
final class OrphanPlan {
    enum Step {
        /** Its VM exists, or what it left is that of a retained VM, or it is not known yet whether there is anything. */
        LEAVE,
        /** It may have a guest or data that only an administrator may remove, so an event reports it. */
        TELL,
        /** Its agent has not answered, so the state of its guest is unknown. */
        STOP,
        /** Its agent has answered that its guest never ran, and that there is nothing of a TPM. */
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
        /** They belong to none, or to a VM that took over a retained one and is gone itself. */
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
        return EpochProgress.reported(incarnation).isOver()
                        && incarnation.getSpec().envelope() != null
                ? Step.REMOVE_ENVELOPE
                : Step.LEAVE;
    }

    private static Step orphaned(VMIncarnation incarnation) {
        return switch (phase(incarnation)) {
            case Erased -> Step.REMOVE;
            case Preparing, Prepared -> mayHaveBegun(incarnation) ? Step.STOP : Step.LEAVE;
            case Stopped -> leftNothingBehind(incarnation) ? Step.ERASE : Step.TELL;
            case Receiving, Received, Running, Stopping -> Step.TELL;
        };
    }

    private static Phase phase(VMIncarnation incarnation) {
        return incarnation.status().map(VMIncarnationStatus::phase).orElse(Phase.Preparing);
    }

    /**
     * An operator that was late can create one for a VM that is gone. A later one shares the files of earlier ones. Without
     * a status, as a backup tool restores it, its guest may run: its agent reports first.
     */
    private static boolean mayHaveBegun(VMIncarnation incarnation) {
        return incarnation.getStatus() != null
                && incarnation.getSpec().firstStart()
                && incarnation.getSpec().desiredState() == DesiredState.Running;
    }

    /** Only if its agent answers the very request to stop: a status from before may be a restored one. */
    private static boolean leftNothingBehind(VMIncarnation incarnation) {
        VMIncarnationStatus status = incarnation.getStatus();
        return incarnation.getSpec().firstStart()
                && incarnation.getSpec().desiredState() == DesiredState.Stopped
                && Objects.equals(
                        status.observedGeneration(), incarnation.getMetadata().getGeneration())
                && !EpochProgress.reported(incarnation).isAtLeast(Reached.PREPARED)
                && status.guestState() == null;
    }
}
