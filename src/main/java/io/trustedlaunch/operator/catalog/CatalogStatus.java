package io.trustedlaunch.operator.catalog;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCatalogStatus;
import io.trustedlaunch.api.image.ImageCatalogStatus.InForce;
import io.trustedlaunch.catalog.Catalog;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.operator.catalog.CatalogVerification.Bad;
import io.trustedlaunch.operator.catalog.CatalogVerification.Good;

/** Computes a catalog's status from its plan. */
final class CatalogStatus {
    private CatalogStatus() {}

    static ImageCatalogStatus of(CatalogFacts facts, CatalogPlan plan) {
        ImageCatalog catalog = facts.catalog();
        Long generation = catalog.getMetadata().getGeneration();
        Conditions conditions = new Conditions(
                catalog.getStatus() == null ? null : catalog.getStatus().conditions(), generation, facts.now());
        return new ImageCatalogStatus(
                generation,
                plan.inForce().map(CatalogStatus::inForce).orElse(null),
                conditions.all(ready(plan, conditions), current(plan, conditions)));
    }

    private static InForce inForce(Good good) {
        Catalog catalog = good.catalog();
        return new InForce(
                catalog.serial(), catalog.images().size(), catalog.expires().toString(), good.keyId());
    }

    private static Condition ready(CatalogPlan plan, Conditions conditions) {
        return plan.inForce()
                .map(good -> conditions.of(ConditionType.Ready, State.True, Reason.CatalogInForce, description(good)))
                .orElseGet(() -> {
                    Bad none = plan.notInForce().orElseThrow();
                    return conditions.of(
                            ConditionType.Ready,
                            State.False,
                            none.reason(),
                            "no catalog is in force: " + none.message());
                });
    }

    private static Condition current(CatalogPlan plan, Conditions conditions) {
        return plan.notCurrent()
                .map(bad -> conditions.of(
                        ConditionType.Current,
                        State.False,
                        bad.reason(),
                        bad.message()
                                + plan.inForce()
                                        .map(good ->
                                                "; serial " + good.catalog().serial() + " remains in force")
                                        .orElse("")))
                .orElseGet(() -> conditions.of(
                        ConditionType.Current,
                        State.True,
                        Reason.CatalogInForce,
                        description(plan.inForce().orElseThrow())));
    }

    private static String description(Good good) {
        return good.catalog().name() + ", serial " + good.catalog().serial() + ", signed by key " + good.keyId()
                + ", in force until " + good.catalog().expires();
    }
}
