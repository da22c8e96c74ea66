package io.trustedlaunch.operator.fencing;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The facts about the death of one node.
 *
 * @param node name of the ClusterNode
 * @param nodeUID of the ClusterNode
 * @param boot the boot from which its agent answered a leader last: incarnations are made for it, so nothing has run in a later
 *     one; empty if it never answered
 * @param words who says that it is dead
 * @param agentSilence for how long its agent has not been heard
 * @param kubeletSilence for how long its kubelet has not been heard
 * @param watched for how long silence counts: the watches have answered, and this process has run
 * @param unwatched for how long its host lived on after its agent was heard last
 * @param machineUUID of its machine, as it was taken over when the node was approved
 * @param machineChanged its agent reports another one
 * @param outOfService it was drained, or its host has said that it shuts down
 * @param beaconSeenBy living nodes whose agents report that it writes its beacon into a storage location
 * @param cluster how much of the cluster is silent
 * @param devices its FenceDevices
 * @param fences its NodeFences, of any boot
 */
@RecordBuilder
record FenceFacts(
        String node,
        String nodeUID,
        Optional<String> boot,
        List<FenceRequest> requests,
        Duration agentSilence,
        Duration kubeletSilence,
        Duration watched,
        Duration unwatched,
        Optional<String> machineUUID,
        boolean machineChanged,
        boolean outOfService,
        List<String> beaconSeenBy,
        ClusterSilence cluster,
        List<FenceDevice> devices,
        List<Fence> fences,
        Instant now) {

    /**
     * A person's word that the host is off, or is to be switched off.
     *
     * @param boot the boot that it is about; of a taint, the one from which the agent answered last
     * @param by who says so, as far as that is known
     */
    record FenceRequest(Method method, String boot, String by) {}

    /**
     * A NodeFence.
     *
     * @param agentHeard that boot's agent has renewed its Lease since the fence was first seen; where power is cut, which may
     *     be of a node that is heard, since it was first seen in its phase
     * @param kubeletHeard likewise the node's kubelet
     */
    record Fence(NodeFence resource, boolean agentHeard, boolean kubeletHeard) {
        String boot() {
            return resource.getSpec().bootID();
        }

        Method method() {
            return resource.getSpec().method();
        }

        boolean isAutomatic() {
            return resource.getSpec().automatic();
        }

        Phase phase() {
            return resource.phase();
        }

        /** The ways in which people still say that the host is off although it was heard since. */
        List<Method> contradictedMethods() {
            return resource.status().map(NodeFenceStatus::contradictedMethods).orElse(List.of());
        }
    }

    /** Who says that this boot is over, in the way that the fence was asked for. */
    Optional<FenceRequest> requestFor(Fence fence) {
        return requests.stream()
                .filter(request ->
                        request.method() == fence.method() && request.boot().equals(fence.boot()))
                .findFirst();
    }

    /** All that people say of this boot. */
    List<FenceRequest> requestsAbout(Fence fence) {
        return requests.stream()
                .filter(request -> request.boot().equals(fence.boot()))
                .toList();
    }

    boolean isSilent() {
        return untilSilent().isZero();
    }

    /** The time until it is silent for longer than Leases of a living node take to be renewed, if it is not heard any more. */
    Duration untilSilent() {
        Duration silence = agentSilence.compareTo(kubeletSilence) < 0 ? agentSilence : kubeletSilence;
        Duration left = FencePlanner.SILENCE.minus(silence);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** The time until it may be fenced automatically, if it is not heard any more. */
    Duration untilSilentWhileWatched() {
        Duration left = FencePlanner.SILENCE.minus(watched);
        Duration silent = untilSilent();
        return left.compareTo(silent) < 0 ? silent : left;
    }

    /** The fence was made for a ClusterNode of this name that is gone. */
    boolean isOfAnotherNode(Fence fence) {
        return Optional.ofNullable(fence.resource().getSpec().nodeUID())
                .filter(uid -> !uid.equals(nodeUID))
                .isPresent();
    }

    boolean isInAnotherBoot(Fence fence) {
        return boot.filter(present -> !present.equals(fence.boot())).isPresent();
    }
}
