package io.trustedlaunch.fencer;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.FenceDeviceSpec;
import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.api.node.MachineUuid;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.audit.AuditEntry;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.audit.AuditedObject;
import io.trustedlaunch.audit.Outcome;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.fencer.PowerCut.Observed;
import io.trustedlaunch.fencer.device.FenceTarget;
import java.util.Optional;

/** Cuts the power of a node's machine for a NodeFence, if its management controller is in that machine. */
final class Fencing {
    private final FencerReader reader;
    private final DeviceInspector inspector;
    private final PowerCut powerCut;
    private final Runnable leading;
    private final AuditLog audit;

    /** @param observed empty if nothing was switched */
    record Attempt(Inspection inspection, Optional<Observed> observed) {}

    /** @param leading throws if this process does not lead */
    Fencing(FencerReader reader, DeviceInspector inspector, PowerCut powerCut, Runnable leading, AuditLog audit) {
        this.reader = reader;
        this.inspector = inspector;
        this.powerCut = powerCut;
        this.leading = leading;
        this.audit = audit;
    }

    /** @throws StaleViewException if the operator has changed the fence meanwhile; nothing was switched */
    Attempt attempt(FenceDeviceSpec spec, NodeFence fence) {
        if (!hasNode(fence)) {
            return new Attempt(new Inspection.Refused(nodeGone(fence), Optional.empty()), Optional.empty());
        }
        Inspection inspection =
                inspector.inspect(spec, Optional.ofNullable(fence.getSpec().machineUUID()));
        return new Attempt(
                inspection,
                switch (inspection) {
                    case Inspection.Refused refused -> Optional.empty();
                    case Inspection.Verified verified ->
                        Optional.of(cut(fence, verified.target(), Optional.of(verified.machine())));
                    case Inspection.Unverified unverified ->
                        Optional.of(cut(fence, unverified.target(), Optional.empty()));
                });
    }

    /** A machine whose ClusterNode was deleted may be in other use by now. */
    private boolean hasNode(NodeFence fence) {
        String uid = fence.getSpec().nodeUID();
        return reader.node(fence.getSpec().nodeName())
                .filter(node -> uid == null || uid.equals(node.getMetadata().getUid()))
                .isPresent();
    }

    private static Problem nodeGone(NodeFence fence) {
        return new Problem(
                Reason.MachineUnknown,
                "ClusterNode " + fence.getSpec().nodeName() + ", for which NodeFence "
                        + fence.getMetadata().getName()
                        + " was made, was deleted, so nothing is switched: if the host is still in use, start its agent");
    }

    private Observed cut(NodeFence fence, FenceTarget target, Optional<MachineUuid> machine) {
        confirm(fence);
        Observed observed = powerCut.cut(target, machine);
        audit.record(AuditEntry.success(Act.PowerCut, AuditedObject.of(fence))
                .outcome(observed.power() == Power.Off ? Outcome.Success : Outcome.Unknown)
                .node(Optional.of(fence.getSpec().nodeName()))
                .build());
        return observed;
    }

    /** The last look before the switch: the cache may be late, and another process may lead, or the node be gone by now. */
    private void confirm(NodeFence fence) {
        leading.run();
        String version = fence.getMetadata().getResourceVersion();
        if (reader.fence(fence.getMetadata().getName())
                .filter(now -> now.getMetadata().getResourceVersion().equals(version))
                .isEmpty()) {
            throw new StaleViewException("NodeFence " + fence.getMetadata().getName() + " has changed");
        }
        if (!hasNode(fence)) {
            throw new StaleViewException(nodeGone(fence).message());
        }
    }
}
