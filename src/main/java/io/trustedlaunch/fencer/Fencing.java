package io.trustedlaunch.fencer;

import io.trustedlaunch.api.FenceDeviceSpec;
import io.trustedlaunch.api.NodeFence;
import io.trustedlaunch.fencer.PowerCut.Outcome;
import io.trustedlaunch.operator.kube.StaleViewException;
import java.util.Optional;

/** Cuts the power of a node's machine for a NodeFence, if its management controller is in that machine. */
final class Fencing {
    private final FencerReader reader;
    private final DeviceInspector inspector;
    private final PowerCut powerCut;
    private final Runnable leading;

    /** @param outcome empty if nothing was switched */
    record Attempt(Inspection inspection, Optional<Outcome> outcome) {}

    /** @param leading throws if this process does not lead */
    Fencing(FencerReader reader, DeviceInspector inspector, PowerCut powerCut, Runnable leading) {
        this.reader = reader;
        this.inspector = inspector;
        this.powerCut = powerCut;
        this.leading = leading;
    }

    /** @throws StaleViewException if the operator has changed the fence meanwhile; nothing was switched */
    Attempt attempt(FenceDeviceSpec spec, NodeFence fence) {
        Inspection inspection = inspector.inspect(spec);
        return new Attempt(
                inspection,
                switch (inspection) {
                    case Inspection.Refused refused -> Optional.empty();
                    case Inspection.Verified verified -> {
                        confirm(fence);
                        yield Optional.of(powerCut.cut(verified.target(), Optional.of(verified.machine())));
                    }
                    case Inspection.Unverified unverified -> {
                        confirm(fence);
                        yield Optional.of(powerCut.cut(unverified.target(), Optional.empty()));
                    }
                });
    }

    /** The last look before the switch: the cache may be late, and another process may lead by now. */
    private void confirm(NodeFence fence) {
        leading.run();
        String version = fence.getMetadata().getResourceVersion();
        if (reader.fence(fence.getMetadata().getName())
                .filter(now -> now.getMetadata().getResourceVersion().equals(version))
                .isEmpty()) {
            throw new StaleViewException("NodeFence " + fence.getMetadata().getName() + " has changed");
        }
    }
}
