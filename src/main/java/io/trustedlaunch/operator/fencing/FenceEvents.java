package io.trustedlaunch.operator.fencing;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.controller.EventDraft;
import java.util.Objects;
import java.util.Optional;

/** Events for the transitions of a NodeFence. */
final class FenceEvents {
    private FenceEvents() {}

    /** @param before empty if there was no status yet */
    static Optional<EventDraft> of(Optional<NodeFenceStatus> before, NodeFenceStatus now) {
        boolean isKnown = before.filter(was -> was.phase() == now.phase() && Objects.equals(was.reason(), now.reason()))
                .isPresent();
        return isKnown ? Optional.empty() : Optional.of(event(now));
    }

    private static EventDraft event(NodeFenceStatus now) {
        if (now.reason() != null) {
            return EventDraft.warning(Reason.valueOf(now.reason()), now.message());
        }
        Reason reason = switch (now.phase()) {
            case Requested, Fencing -> Reason.AwaitingFence;
            case Failed -> Reason.PowerOffFailed;
            case Proved -> Reason.NodeProvedDead;
            case Contradicted -> Reason.FenceContradicted;
            case Released -> Reason.FenceReleased;
        };
        return EventDraft.normal(reason, now.message());
    }

    /** Not once it was released: then it is only old. */
    static Optional<EventDraft> removed(Optional<NodeFenceStatus> last, String why) {
        return last.filter(status -> status.phase() == Phase.Released).isPresent()
                ? Optional.empty()
                : Optional.of(EventDraft.normal(Reason.FenceWithdrawn, "removed, because " + why));
    }
}
