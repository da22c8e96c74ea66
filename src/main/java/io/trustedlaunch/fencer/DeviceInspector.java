package io.trustedlaunch.fencer;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.FenceDeviceSpec;
import io.trustedlaunch.api.node.MachineUuid;
import io.trustedlaunch.fencer.device.FenceAgent;
import io.trustedlaunch.fencer.device.FenceException;
import io.trustedlaunch.fencer.device.FenceTarget;
import io.trustedlaunch.fencer.device.Machine;
import java.util.Optional;

/** Asks a management controller which machine it is in. It switches nothing. */
final class DeviceInspector {
    private final String namespace;
    private final FencerReader reader;
    private final FenceAgent agent;

    /** @param namespace the fencer's own */
    DeviceInspector(String namespace, FencerReader reader, FenceAgent agent) {
        this.namespace = namespace;
        this.reader = reader;
        this.agent = agent;
    }

    Inspection inspect(FenceDeviceSpec spec) {
        return inspect(
                spec, reader.node(spec.nodeName()).map(ClusterNode::getSpec).map(ClusterNodeSpec::machineUUID));
    }

    /** @param expected UUID of the node's machine, as far as it is known */
    Inspection inspect(FenceDeviceSpec spec, Optional<String> expected) {
        try {
            FenceTarget target = FenceSecret.target(
                    spec, namespace, reader.secret(spec.secretRef().name()));
            Optional<Machine> found = agent.machine(target);
            return found.isPresent()
                    ? compared(spec, target, found.get(), expected.flatMap(MachineUuid::parse))
                    : new Inspection.Unverified(target);
        } catch (FenceException e) {
            return new Inspection.Refused(e.problem(), Optional.empty());
        }
    }

    private static Inspection compared(
            FenceDeviceSpec spec, FenceTarget target, Machine found, Optional<MachineUuid> expected) {
        if (expected.isEmpty()) {
            return new Inspection.Refused(
                    new Problem(
                            Reason.MachineUnknown,
                            "spec.machineUUID of ClusterNode " + spec.nodeName()
                                    + " does not say which machine it is, so "
                                    + spec.address()
                                    + " may be in another one, " + found.uuid()
                                    + ": start the node's agent and approve the node, or fence it by a statement"),
                    Optional.of(found.uuid()));
        }
        if (!expected.get().isSameMachine(found.uuid())) {
            return new Inspection.Refused(
                    new Problem(
                            Reason.WrongMachine,
                            spec.address() + found.path() + " is machine " + found.uuid() + ", and node "
                                    + spec.nodeName()
                                    + " is machine " + expected.get()
                                    + ": correct spec.address or spec.systemsURI, and the Secret; nothing is switched"),
                    Optional.of(found.uuid()));
        }
        return new Inspection.Verified(target.withPath(found.path()), found.uuid());
    }
}
