package io.trustedlaunch.operator.location;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.StorageLocationStatus;
import io.trustedlaunch.operator.kube.Conditions;
import io.trustedlaunch.operator.kube.Conditions.State;
import io.trustedlaunch.operator.kube.EventDraft;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What people are told when a location turns from one state to another. */
final class LocationEvents {
    private LocationEvents() {}

    /** @param before null: nothing was on record yet */
    static List<EventDraft> of(StorageLocationStatus before, StorageLocationStatus now) {
        return Stream.of(restricted(before, now), shared(before, now))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<EventDraft> restricted(StorageLocationStatus before, StorageLocationStatus now) {
        Condition restricted = find(now, ConditionType.Restricted).orElseThrow();
        if (isUnchanged(before, restricted)) {
            return Optional.empty();
        }
        if (is(restricted, State.False)) {
            return Optional.of(EventDraft.warning(
                    Reason.LocationNotRestricted,
                    restricted.getMessage() + ". VMs that run go on; none starts there until it is closed"));
        }
        return was(before, ConditionType.Restricted, State.False) && is(restricted, State.True)
                ? Optional.of(EventDraft.normal(Reason.LocationReady, "closed again: " + restricted.getMessage()))
                : Optional.empty();
    }

    /** That a location was found to be shared is no news; that it is no longer is. */
    private static Optional<EventDraft> shared(StorageLocationStatus before, StorageLocationStatus now) {
        Condition shared = find(now, ConditionType.Shared).orElseThrow();
        return was(before, ConditionType.Shared, State.True) && is(shared, State.False)
                ? Optional.of(EventDraft.warning(
                        Reason.LocationNotShared,
                        "nodes that had one folder no longer have: " + shared.getMessage()
                                + ". Is the same file system mounted on all of them?"))
                : Optional.empty();
    }

    private static boolean isUnchanged(StorageLocationStatus before, Condition now) {
        return find(before, ConditionType.valueOf(now.getType()))
                .filter(was -> was.getStatus().equals(now.getStatus()))
                .isPresent();
    }

    private static boolean was(StorageLocationStatus before, ConditionType type, State state) {
        return find(before, type).filter(condition -> is(condition, state)).isPresent();
    }

    private static boolean is(Condition condition, State state) {
        return condition.getStatus().equals(state.name());
    }

    private static Optional<Condition> find(StorageLocationStatus status, ConditionType type) {
        return status == null ? Optional.empty() : Conditions.find(status.conditions(), type);
    }
}
