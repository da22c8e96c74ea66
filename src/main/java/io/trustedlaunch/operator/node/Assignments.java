package io.trustedlaunch.operator.node;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.node.ClusterNodeStatus.Domain;
import io.trustedlaunch.custody.AssignmentKey;
import io.trustedlaunch.custody.AssignmentKey.Assignment;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which incarnations the operator assigned to which nodes, as it proves to itself: an agent shows what it was given with an
 * incarnation, and its word alone moves no VM and has no key sealed (I9).
 */
public final class Assignments {
    private final Supplier<AssignmentKey> source;
    private Optional<AssignmentKey> key = Optional.empty();

    /** @param source the key, the same after a restore; read once */
    public Assignments(Supplier<AssignmentKey> source) {
        this.source = source;
    }

    public String prove(VMIncarnationSpec incarnation) {
        return key().prove(
                        incarnation.vmRef().uid(),
                        incarnation.epoch(),
                        incarnation.nodeName(),
                        Optional.ofNullable(incarnation.arrival()).map(Arrival::epoch));
    }

    /** The operator's assignment to the node, as far as the node's report proves it. */
    public Optional<Assignment> proved(String node, Domain reported) {
        return Optional.ofNullable(reported.proof())
                .flatMap(proof -> key().proved(reported.vmUID(), reported.epoch(), node, proof));
    }

    private synchronized AssignmentKey key() {
        AssignmentKey known = key.orElseGet(source);
        key = Optional.of(known);
        return known;
    }
}
