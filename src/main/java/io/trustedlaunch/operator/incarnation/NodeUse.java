package io.trustedlaunch.operator.incarnation;

import io.trustedlaunch.api.incarnation.EpochProgress;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;

/** Whether an incarnation still needs its node, so that the node is not empty. */
public final class NodeUse {
    private NodeUse() {}

    /** Its guest has not ended, or has left while its last state is not sealed yet. */
    public static boolean needsNode(VMIncarnation incarnation) {
        EpochProgress progress = EpochProgress.reported(incarnation);
        boolean hasLeft = progress.isOver() && incarnation.getStatus().exit() == Exit.Migrated;
        return !progress.isOver() || (hasLeft && !progress.isSealed());
    }
}
