package io.trustedlaunch.placement;

import java.util.Optional;

/** One requirement of a node. */
@FunctionalInterface
interface PlacementPredicate {
    /** Why the node cannot take the VM; empty if this predicate has nothing against it. */
    Optional<RejectionReason> rejection(NodeInfo node);
}
