package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The end of a VM: guest told to go, key destroyed, files removed, released. */
public final class VmDeletionPlan {
    /** So long nobody needs to be told what a deletion is waiting for. */
    public static final Duration QUICK = Duration.ofSeconds(10);

    private final VmFacts facts;
    private final String namespace;

    VmDeletionPlan(VmFacts facts, String namespace) {
        this.facts = facts;
        this.namespace = namespace;
    }

    VmStep plan() {
        return unreachableRecord()
                .or(this::requestErasure)
                .or(this::removeEnvelope)
                .or(this::destroyKey)
                .or(this::awaitErasure)
                .orElseGet(this::release);
    }

    /** The record names a life that no object stands for. Where its node is lost, the object is for the day it is back. */
    private Optional<VmStep> unreachableRecord() {
        boolean placeKnown = new StartChecks(facts).location().isEmpty();
        boolean missing = facts.epoch() > 0
                && facts.current().isEmpty()
                && (placeKnown || !facts.isLost(facts.nodeName().orElseThrow()));
        return missing ? Optional.of(new VmRecreation(facts, namespace).as(DesiredState.Erased)) : Optional.empty();
    }

    private Optional<VmStep> requestErasure() {
        return unfinished()
                .filter(incarnation -> incarnation.desired() != DesiredState.Erased)
                .findFirst()
                .map(VmStep.Erase::new);
    }

    /** Of a life that nothing is asked of any more: the key is in its envelope too. */
    private Optional<VmStep> removeEnvelope() {
        return facts.incarnations().stream()
                .filter(Incarnation::hasEnvelope)
                .findFirst()
                .map(VmStep.RemoveEnvelope::new);
    }

    private Optional<VmStep> destroyKey() {
        return switch (facts.key()) {
            case KeyFacts.Absent absent -> Optional.empty();
            case KeyFacts.Held held -> Optional.of(new VmStep.DestroyKey());
            case KeyFacts.Invalid invalid -> Optional.of(new VmStep.DestroyKey());
        };
    }

    private Optional<VmStep> awaitErasure() {
        return unfinished()
                .filter(incarnation -> !facts.isLost(incarnation.node()))
                .findFirst()
                .map(incarnation -> new VmStep.Wait(new Problem(Reason.Deleting, message(incarnation)), QUICK));
    }

    private String message(Incarnation incarnation) {
        if (!facts.agentIsAlive(incarnation.node())) {
            return "the key is destroyed; waiting for the agent on " + incarnation.node()
                    + ", which is silent. If that host is"
                    + " gone for good, taint its Node node.kubernetes.io/out-of-service or delete its ClusterNode";
        }
        return "the key is destroyed; the agent on " + incarnation.node()
                + " shuts the guest down and removes its files"
                + incarnation
                        .status()
                        .map(VMIncarnationStatus::message)
                        .map(said -> ": " + said)
                        .orElse("");
    }

    /** An earlier life that is over has left the node's files to the present one, unless its guest left for another node. */
    private Stream<Incarnation> unfinished() {
        return facts.incarnations().stream()
                .filter(incarnation -> !incarnation.isErased())
                .filter(incarnation ->
                        incarnation.epoch() == facts.epoch() || !incarnation.isOver() || incarnation.owesItsState());
    }

    private VmStep release() {
        List<String> lost = Stream.concat(
                        facts.incarnations().stream().map(Incarnation::node), facts.nodeName().stream())
                .distinct()
                .filter(facts::isLost)
                .filter(node -> !isErasedOn(node))
                .sorted()
                .toList();
        // What is unfinished on a lost node is finished when that is back: its agent erases, and then the rest goes
        // too.
        List<Incarnation> unfinished = unfinished().toList();
        List<Incarnation> remains = facts.incarnations().stream()
                .filter(incarnation -> !unfinished.contains(incarnation))
                .toList();
        return new VmStep.Release(remains, lost);
    }

    private boolean isErasedOn(String node) {
        return facts.incarnations().stream()
                .anyMatch(incarnation -> incarnation.node().equals(node)
                        && incarnation.epoch() == facts.epoch()
                        && incarnation.isErased());
    }
}
