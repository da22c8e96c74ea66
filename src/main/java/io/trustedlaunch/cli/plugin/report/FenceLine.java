package io.trustedlaunch.cli.plugin.report;

import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import java.util.OptionalInt;

/** A NodeFence in one line. */
public final class FenceLine {
    private FenceLine() {}

    public static Progress progress(NodeFence fence) {
        return new Progress("nodefence/" + of(fence), OptionalInt.empty(), state(phase(fence)));
    }

    static String of(NodeFence fence) {
        String message = fence.status()
                .map(NodeFenceStatus::message)
                .map(known -> " (" + known + ")")
                .orElse("");
        return fence.getMetadata().getName() + ": " + phase(fence) + message;
    }

    public static Phase phase(NodeFence fence) {
        return fence.status().map(NodeFenceStatus::phase).orElse(Phase.Requested);
    }

    private static Progress.State state(Phase phase) {
        return switch (phase) {
            case Requested, Fencing -> Progress.State.Ongoing;
            case Proved, Released -> Progress.State.Done;
            // Tried again, but that takes a while, and often another remedy.
            case Failed, Contradicted -> Progress.State.Failed;
        };
    }
}
