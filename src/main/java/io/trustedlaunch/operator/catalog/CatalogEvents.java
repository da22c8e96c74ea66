package io.trustedlaunch.operator.catalog;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCatalogStatus;
import io.trustedlaunch.api.image.ImageCatalogStatus.InForce;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.controller.EventDraft;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Events for catalogs that come into force, or do not. */
final class CatalogEvents {
    private CatalogEvents() {}

    /** @param before empty if there was no status yet */
    static List<EventDraft> of(Optional<ImageCatalogStatus> before, ImageCatalogStatus now) {
        List<EventDraft> events = new ArrayList<>();
        Condition ready = find(now, ConditionType.Ready).orElseThrow();
        if (now.inForce() != null && !before.flatMap(CatalogEvents::serial).equals(serial(now))) {
            events.add(EventDraft.normal(Reason.CatalogInForce, ready.getMessage()));
        }
        Condition current = find(now, ConditionType.Current).orElseThrow();
        warning(before, ready).ifPresent(events::add);
        if (!current.getReason().equals(ready.getReason())) {
            warning(before, current).ifPresent(events::add);
        }
        return events;
    }

    private static Optional<EventDraft> warning(Optional<ImageCatalogStatus> before, Condition now) {
        boolean alreadyReported = before.flatMap(status -> find(status, ConditionType.valueOf(now.getType())))
                .filter(was -> was.getStatus().equals(now.getStatus())
                        && was.getReason().equals(now.getReason()))
                .isPresent();
        return now.getStatus().equals(State.False.name()) && !alreadyReported
                ? Optional.of(EventDraft.warning(Reason.valueOf(now.getReason()), now.getMessage()))
                : Optional.empty();
    }

    private static Optional<Long> serial(ImageCatalogStatus status) {
        return Optional.ofNullable(status.inForce()).map(InForce::serial);
    }

    private static Optional<Condition> find(ImageCatalogStatus status, ConditionType type) {
        return Conditions.find(status.conditions(), type);
    }
}
