package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.NodeInfoBuilder;
import io.trustedlaunch.placement.Placement;
import io.trustedlaunch.placement.Placement.Outcome;
import io.trustedlaunch.placement.Requests;
import java.util.Optional;

/**
 * A first start that its node cannot carry out, as its agent reports. No guest ran and no TPM was made, so that any other
 * node will do.
 */
final class HinderedStart {
    private final VmFacts facts;
    private final Incarnation incarnation;
    private final Problem problem;
    private final Requests requests;

    private HinderedStart(VmFacts facts, Incarnation incarnation, Problem problem) {
        this.facts = facts;
        this.incarnation = incarnation;
        this.problem = problem;
        this.requests = StartRequests.of(facts, true);
    }

    static Optional<HinderedStart> of(VmFacts facts, Incarnation incarnation) {
        boolean isMovable = incarnation.isFirstStart()
                && incarnation.phase() == Phase.Preparing
                && facts.isAgentAlive(incarnation.node())
                && facts.recordedEk().isEmpty()
                && incarnation.ek().isEmpty();
        return AgentReport.problem(incarnation)
                .filter(problem -> isMovable)
                .map(problem -> new HinderedStart(facts, incarnation, problem))
                .filter(HinderedStart::isRejected);
    }

    /** Its node lacks what the VM needs. Other problems are not the node's, or end by themselves. */
    private boolean isRejected() {
        Placement withoutIt = new Placement(
                facts.nodes().stream().map(this::withoutIt).toList(),
                facts.placement().placedVms(),
                facts.placement().policy());
        return withoutIt.choose(requests, this::isItsNode) instanceof Outcome.Rejected;
    }

    private NodeInfo withoutIt(NodeInfo node) {
        return isItsNode(node)
                ? NodeInfoBuilder.builder(node)
                        .inUse(node.inUse().minus(incarnation.allocated()))
                        .build()
                : node;
    }

    private boolean isItsNode(NodeInfo node) {
        return node.name().equals(incarnation.node());
    }

    /** Ends it if another node can take the VM. */
    VmStep next() {
        return switch (facts.placement().choose(requests, this::mayBeBetter)) {
            case Outcome.Chosen chosen -> new VmStep.Retire(incarnation, Reason.Restarting);
            case Outcome.Rejected rejected ->
                new VmStep.Wait(
                        rejected.rejections().isEmpty()
                                ? problem
                                : new Problem(
                                        problem.reason(),
                                        problem.message() + "; no other node can take the VM: " + rejected.message()));
        };
    }

    private boolean mayBeBetter(NodeInfo node) {
        return !isItsNode(node)
                && requests.image().filter(image -> image.isUnlikelyOn(node)).isEmpty();
    }
}
