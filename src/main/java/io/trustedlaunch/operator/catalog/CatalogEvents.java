package io.trustedlaunch.operator.catalog;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ImageCatalogStatus;
import io.trustedlaunch.api.ImageCatalogStatus.InForce;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.operator.kube.Conditions;
import io.trustedlaunch.operator.kube.Conditions.State;
import io.trustedlaunch.operator.kube.EventDraft;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What people are told when a catalog comes into force, or one does not. */
final class CatalogEvents {
    private CatalogEvents() {}

    /** @param before null: nothing was on record yet */
    static List<EventDraft> of(ImageCatalogStatus before, ImageCatalogStatus now) {
        List<EventDraft> happenings = new ArrayList<>();
        Condition ready = find(now, ConditionType.Ready).orElseThrow();
        if (now.inForce() != null && !Objects.equals(serial(before), serial(now))) {
            happenings.add(EventDraft.normal(Reason.CatalogInForce, ready.getMessage()));
        }
        Condition current = find(now, ConditionType.Current).orElseThrow();
        trouble(before, ready).ifPresent(happenings::add);
        if (!current.getReason().equals(ready.getReason())) {
            trouble(before, current).ifPresent(happenings::add);
        }
        return happenings;
    }

    private static Optional<EventDraft> trouble(ImageCatalogStatus before, Condition now) {
        boolean told = find(before, ConditionType.valueOf(now.getType()))
                .filter(was -> was.getStatus().equals(now.getStatus())
                        && was.getReason().equals(now.getReason()))
                .isPresent();
        return now.getStatus().equals(State.False.name()) && !told
                ? Optional.of(EventDraft.warning(Reason.valueOf(now.getReason()), now.getMessage()))
                : Optional.empty();
    }

    private static Optional<Long> serial(ImageCatalogStatus status) {
        return Optional.ofNullable(status).map(ImageCatalogStatus::inForce).map(InForce::serial);
    }

    private static Optional<Condition> find(ImageCatalogStatus status, ConditionType type) {
        return status == null ? Optional.empty() : Conditions.find(status.conditions(), type);
    }
}
