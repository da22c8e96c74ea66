package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmNodes;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.NodeInfoBuilder;
import io.trustedlaunch.placement.Placement;
import io.trustedlaunch.placement.Placement.Outcome;
import io.trustedlaunch.placement.Requests;
import java.util.Optional;

/**
 * A start whose node would not be chosen any more, for example because it is cordoned or cannot get the image. Its guest
 * has not run, so that another node that may start the VM will do.
 */
final class HinderedStart {
    private final VmNodes nodes;
    private final Incarnation incarnation;
    private final StartNodes startNodes;
    private final DiskFillPlan fill;
    private final Requests requests;

    private HinderedStart(VmFacts facts, Incarnation incarnation) {
        this.nodes = facts.nodes();
        this.incarnation = incarnation;
        this.startNodes = new StartNodes(facts, facts.guestState().home().withoutLater());
        this.fill = new DiskFillPlan(facts);
        this.requests = StartRequests.of(facts);
    }

    /** Empty if it goes on: its node is as good as before, or silent, or has not answered this leader yet, or no other one is better. */
    static Optional<VmStep> step(VmFacts facts, Incarnation incarnation) {
        HinderedStart start = new HinderedStart(facts, incarnation);
        return facts.nodes().isAgentAlive(incarnation.node())
                        && facts.nodes().hasAnswered(incarnation.node())
                        && start.isRejected()
                ? start.next()
                : Optional.empty();
    }

    private boolean isRejected() {
        Placement withoutIt = new Placement(
                nodes.all().stream().map(this::withoutIt).toList(),
                nodes.placement().placedVms(),
                nodes.placement().policy());
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
    private Optional<VmStep> next() {
        return switch (nodes.placement().choose(requests, this::mayBeBetter)) {
            case Outcome.Chosen chosen -> Optional.of(new VmStep.Retire(incarnation, Reason.Restarting));
            case Outcome.Rejected rejected ->
                AgentReport.problem(incarnation)
                        .filter(problem -> !rejected.rejections().isEmpty())
                        .<VmStep>map(problem -> new VmStep.Wait(new Problem(
                                problem.reason(),
                                problem.message() + "; no other node can take the VM: " + rejected.message())));
        };
    }

    private boolean mayBeBetter(NodeInfo node) {
        return !isItsNode(node)
                && startNodes.mayStartOn(node)
                && fill.problemOn(node.name()).isEmpty()
                && requests.image().filter(image -> image.isUnlikelyOn(node)).isEmpty();
    }
}
