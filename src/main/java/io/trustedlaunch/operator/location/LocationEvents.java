package io.trustedlaunch.operator.location;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.StorageLocationStatus;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.controller.EventDraft;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Events for the transitions of a location. */
final class LocationEvents {
    private LocationEvents() {}

    /** @param before empty if there was no status yet */
    static List<EventDraft> of(Optional<StorageLocationStatus> before, StorageLocationStatus now) {
        return Stream.of(restricted(before, now), shared(before, now), locks(before, now))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<EventDraft> restricted(Optional<StorageLocationStatus> before, StorageLocationStatus now) {
        Condition restricted = find(now, ConditionType.Restricted).orElseThrow();
        if (isUnchanged(before, restricted)) {
            return Optional.empty();
        }
        if (is(restricted, State.False)) {
            return Optional.of(EventDraft.warning(
                    Reason.LocationNotRestricted,
                    restricted.getMessage()
                            + "; running VMs keep running, and no VM starts there until this is corrected"));
        }
        return was(before, ConditionType.Restricted, State.False) && is(restricted, State.True)
                ? Optional.of(EventDraft.normal(Reason.LocationReady, "restricted again: " + restricted.getMessage()))
                : Optional.empty();
    }

    /** Only the end of sharing is worth an event. */
    private static Optional<EventDraft> shared(Optional<StorageLocationStatus> before, StorageLocationStatus now) {
        Condition shared = find(now, ConditionType.Shared).orElseThrow();
        return was(before, ConditionType.Shared, State.True) && is(shared, State.False)
                ? Optional.of(EventDraft.warning(
                        Reason.LocationNotShared, "nodes that shared one folder no longer do: " + shared.getMessage()))
                : Optional.empty();
    }

    /** Only locks that do not work are worth an event. */
    private static Optional<EventDraft> locks(Optional<StorageLocationStatus> before, StorageLocationStatus now) {
        Condition locks = find(now, ConditionType.LocksShared).orElseThrow();
        return is(locks, State.False) && !was(before, ConditionType.LocksShared, State.False)
                ? Optional.of(EventDraft.warning(Reason.LocksNotShared, locks.getMessage()))
                : Optional.empty();
    }

    private static boolean isUnchanged(Optional<StorageLocationStatus> before, Condition now) {
        return before.flatMap(status -> find(status, ConditionType.valueOf(now.getType())))
                .filter(was -> was.getStatus().equals(now.getStatus()))
                .isPresent();
    }

    private static boolean was(Optional<StorageLocationStatus> before, ConditionType type, State state) {
        return before.flatMap(status -> find(status, type))
                .filter(condition -> is(condition, state))
                .isPresent();
    }

    private static boolean is(Condition condition, State state) {
        return condition.getStatus().equals(state.name());
    }

    private static Optional<Condition> find(StorageLocationStatus status, ConditionType type) {
        return Conditions.find(status.conditions(), type);
    }
}
