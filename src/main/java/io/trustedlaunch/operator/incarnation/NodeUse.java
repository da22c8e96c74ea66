package io.trustedlaunch.operator.incarnation;

import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import java.util.Optional;

/** Whether an incarnation still needs its node, so that the node is not empty. */
public final class NodeUse {
    private NodeUse() {}

    /** Its guest has not ended, or has left while its last state is not sealed yet. */
    public static boolean needsNode(VMIncarnation incarnation) {
        Optional<VMIncarnationStatus> status = Optional.ofNullable(incarnation.getStatus());
        Phase phase = status.map(VMIncarnationStatus::phase).orElse(Phase.Preparing);
        boolean ended = phase == Phase.Stopped || phase == Phase.Erased;
        boolean sealing = phase == Phase.Stopped
                && status.map(VMIncarnationStatus::exit).equals(Optional.of(Exit.Migrated))
                && status.map(VMIncarnationStatus::guestState)
                        .filter(SealedState::complete)
                        .isEmpty();
        return !ended || sealing;
    }
}
