package io.trustedlaunch.placement;

import java.util.Optional;

/** One requirement on a node. */
@FunctionalInterface
interface PlacementPredicate {
    /** Why the node cannot take the VM; empty if it meets the requirement. */
    Optional<RejectionReason> rejection(NodeInfo node);
}
