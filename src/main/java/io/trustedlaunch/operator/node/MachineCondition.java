package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.node.NodeMachine;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import java.time.Instant;
import java.util.Optional;

/** Builds condition MachineConfirmed of a ClusterNode; pure. */
final class MachineCondition {
    private MachineCondition() {}

    /** Empty for a node that was not approved yet. */
    static Optional<Condition> of(ClusterNode node, Instant now) {
        if (node.getSpec().machineUUID() == null && !Enrolment.isEnrolled(node.status())) {
            return Optional.empty();
        }
        Conditions conditions = new Conditions(node, now);
        String name = node.getMetadata().getName();
        NodeMachine machine = NodeMachine.of(node);
        if (machine.confirmed().isEmpty()) {
            return Optional.of(conditions.of(
                    ConditionType.MachineConfirmed,
                    State.False,
                    Reason.MachineUnknown,
                    name + " reports no UUID that tells its machine from others, so its power cannot be cut: see the"
                            + " host's firmware, or set host_uuid in its libvirtd.conf"));
        }
        if (machine.hasChanged()) {
            return Optional.of(conditions.of(
                    ConditionType.MachineConfirmed,
                    State.False,
                    Reason.MachineChanged,
                    name + " was approved as machine " + machine.confirmed().get() + " and reports machine "
                            + machine.reported().get() + ", so its power is not cut automatically. If its mainboard was"
                            + " replaced, run kubectl tlvm node approve " + name
                            + "; if its firmware has no UUID, so that libvirtd makes one up at each start, set host_uuid in"
                            + " libvirtd.conf and do the same; otherwise the host or the agent's token may be in wrong"
                            + " hands: see the node's log"));
        }
        return Optional.of(conditions.of(
                ConditionType.MachineConfirmed,
                State.True,
                Reason.MachineConfirmed,
                name + " is machine " + machine.confirmed().get()));
    }
}
