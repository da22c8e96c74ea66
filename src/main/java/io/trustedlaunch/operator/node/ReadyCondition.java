package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Builds condition Ready of a ClusterNode from the report of its agent, while the agent is heard; pure. */
final class ReadyCondition {
    /** Those that stand until the agent is heard again. */
    private static final List<String> SILENT = List.of(Reason.AgentNotAlive.name(), Reason.NodeProvedDead.name());

    /** How much this process has heard of an agent. */
    enum Heard {
        /** Its Lease was seen to be renewed, lately. */
        Lately,
        /** It has a Lease that this process knows for a short time, and has not seen renewed yet. */
        NotYet,
        /** Its Lease has run out, or there is none. */
        NotAnyMore
    }

    private ReadyCondition() {}

    /** With those that follow from it. */
    static List<Condition> all(ClusterNode node, Heard heard, List<NodeFence> fences, Instant now) {
        return of(node, heard, fences, now).map(new Conditions(node, now)::all).orElseGet(List::of);
    }

    /**
     * Empty for a node whose agent has reported nothing yet.
     *
     * @param fences NodeFences of any node
     */
    static Optional<Condition> of(ClusterNode node, Heard heard, List<NodeFence> fences, Instant now) {
        Conditions conditions = new Conditions(node, now);
        Optional<Condition> host = node.condition(ConditionType.HostReady);
        Optional<NodeFence> proof =
                fences.stream().filter(fence -> provesDead(fence, node)).findFirst();
        if (proof.isPresent()) {
            String fence = proof.get().getMetadata().getName();
            return Optional.of(conditions.of(
                    ConditionType.Ready,
                    State.False,
                    Reason.NodeProvedDead,
                    "nodefence/" + fence + " proves that the host is off; when it is back in another boot, the node is"
                            + " ready again"));
        }
        Optional<Condition> silent =
                conditions.before(ConditionType.Ready).filter(ready -> SILENT.contains(ready.getReason()));
        return switch (heard) {
            case NotAnyMore -> Optional.of(silent(conditions, host));
            case NotYet -> silent.or(() -> host.map(reported -> of(conditions, reported)));
            case Lately -> host.map(reported -> of(conditions, reported));
        };
    }

    private static boolean provesDead(NodeFence fence, ClusterNode node) {
        return fence.phase() == Phase.Proved
                && fence.getSpec().nodeName().equals(node.getMetadata().getName())
                && node.answeredBoot()
                        .filter(present -> !present.equals(fence.getSpec().bootID()))
                        .isEmpty();
    }

    private static Condition silent(Conditions conditions, Optional<Condition> host) {
        return conditions.of(
                ConditionType.Ready,
                State.Unknown,
                Reason.AgentNotAlive,
                "the agent has not renewed its Lease for " + AgentLiveness.TIMEOUT.toSeconds()
                        + " s; check that the host and its agent run. Guests that ran there may still run"
                        + host.map(reported -> ". Reported last: " + reported.getReason())
                                .orElse(""));
    }

    private static Condition of(Conditions conditions, Condition host) {
        return host.getStatus().equals(State.True.name())
                ? conditions.of(ConditionType.Ready, State.True, Reason.NodeReady, Reason.NodeReady.appearsWhen())
                : conditions.of(ConditionType.Ready, State.False, reason(host), host.getMessage());
    }

    /** An agent may be of another version. */
    private static Reason reason(Condition host) {
        return Reason.reported(host.getReason()).orElse(Reason.PreflightFailed);
    }
}
