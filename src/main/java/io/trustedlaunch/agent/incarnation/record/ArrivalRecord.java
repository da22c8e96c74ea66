package io.trustedlaunch.agent.incarnation.record;

import java.util.Optional;

/**
 * A guest that may arrive.
 *
 * @param nodeName its source
 * @param epoch of the incarnation there
 * @param left the source agent has confirmed that it has left for good
 * @param copiedTo the storage location that its folder is copied to; empty: the folder is shared, or the copy was removed
 */
public record ArrivalRecord(String nodeName, long epoch, boolean left, Optional<String> copiedTo) {
    ArrivalRecord withLeftSource() {
        return new ArrivalRecord(nodeName, epoch, true, copiedTo);
    }

    ArrivalRecord withoutCopy() {
        return new ArrivalRecord(nodeName, epoch, left, Optional.empty());
    }
}
