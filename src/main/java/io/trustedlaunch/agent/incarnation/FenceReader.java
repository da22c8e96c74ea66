package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.folder.FenceCheck;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.NodeFence;
import io.trustedlaunch.api.NodeFenceSpec.Method;
import io.trustedlaunch.api.NodeFenceStatus;
import io.trustedlaunch.api.NodeFenceStatus.Phase;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * Reads the NodeFence. If a person's word is the proof, this agent must also have seen for itself that the other node writes
 * nothing into the shared folder.
 *
 * @param fences one by its name, with a plain GET, which the API server answers from storage
 * @param isStill whether a node's beacon in a storage location stood still for long
 */
public record FenceReader(Function<String, Optional<NodeFence>> fences, BiPredicate<Path, String> isStill)
        implements FenceCheck {
    @Override
    public Optional<Problem> problem(String name, Path location) {
        Optional<NodeFence> fence;
        try {
            fence = fences.apply(name);
        } catch (KubernetesClientException e) {
            return Optional.of(new Problem(
                    Reason.OwnershipUnread,
                    "the guest is not resumed because NodeFence " + name
                            + " cannot be read from the API server: " + e.getMessage()
                            + "; check the connection of this node to the API server"));
        }
        if (fence.isEmpty()) {
            return Optional.of(new Problem(
                    Reason.FenceContradicted,
                    "the guest is not resumed because NodeFence " + name
                            + " does not exist any more, so nothing proves that the node which the VM was on is dead. Bring"
                            + " that node back; if it is off for good, say so again with kubectl tlvm fence"));
        }
        Optional<Phase> phase = fence.map(NodeFence::getStatus).map(NodeFenceStatus::phase);
        if (phase.filter(one -> one == Phase.Proved || one == Phase.Released).isEmpty()) {
            return Optional.of(new Problem(
                    Reason.FenceContradicted,
                    "the guest is not resumed because NodeFence " + name
                            + " no longer proves that the node which the VM was"
                            + " on is dead"
                            + phase.map(one -> " (" + one + ")").orElse("") + ": see kubectl describe nodefence "
                            + name));
        }
        boolean trustsPower = fence.get().getSpec().method() == Method.Power;
        return phase.equals(Optional.of(Phase.Released))
                        || trustsPower
                        || isStill.test(location, fence.get().getSpec().nodeName())
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.AwaitingFence,
                        "the guest is resumed once this node has seen for two minutes that "
                                + fence.get().getSpec().nodeName() + " writes nothing into storage location "
                                + location));
    }
}
