package io.trustedlaunch.operator.catalog;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.operator.catalog.CatalogVerification.Bad;
import io.trustedlaunch.operator.catalog.CatalogVerification.Good;
import java.util.Optional;

/**
 * What becomes of a catalog that was read.
 *
 * @param keep what is to be kept from now on; empty: what is kept stays
 * @param inForce what counts once that is done; empty: nothing, for the reason in {@code notInForce}
 * @param notInForce only where nothing is in force
 * @param notCurrent why what was read last adds nothing; empty if it is in force
 */
record CatalogPlan(
        Optional<SignedContent> keep, Optional<Good> inForce, Optional<Bad> notInForce, Optional<Bad> notCurrent) {

    static CatalogPlan of(CatalogFacts facts) {
        Optional<CatalogVerification> kept = facts.keptContent()
                .map(signed -> CatalogVerification.of(signed, facts.keys()).at(facts.now()));
        if (!facts.keys().faults().isEmpty()) {
            return stays(
                    kept,
                    new Bad(
                            Reason.CatalogKeyInvalid,
                            String.join("; ", facts.keys().faults()) + ": until that is mended no other catalog is"
                                    + " accepted"));
        }
        return switch (facts.delivery()) {
            case FetchResult.Unavailable unavailable ->
                stays(kept, new Bad(unavailable.reason(), unavailable.message()));
            case FetchResult.Delivered delivered ->
                switch (CatalogVerification.of(delivered.signed(), facts.keys()).at(facts.now())) {
                    case Bad bad -> stays(kept, bad);
                    case Good good -> good(facts, kept, delivered.signed(), good);
                };
        };
    }

    private static CatalogPlan good(
            CatalogFacts facts, Optional<CatalogVerification> kept, SignedContent delivered, Good good) {
        Optional<SignedContent> before = facts.keptContent();
        Optional<Long> highest = before.flatMap(CatalogVerification::serial);
        long serial = good.catalog().serial();
        if (highest.isPresent() && serial < highest.get()) {
            return stays(
                    kept,
                    new Bad(
                            Reason.CatalogOlder,
                            "its serial " + serial + " is lower than " + highest.get()
                                    + ", which was accepted before: sign"
                                    + " it again with a higher one; or, to go back, delete the ImageCatalog and make it"
                                    + " again"));
        }
        boolean same = before.filter(delivered::hasContentOf).isPresent();
        if (highest.isPresent() && serial == highest.get() && !same) {
            return stays(
                    kept,
                    new Bad(
                            Reason.CatalogOlder,
                            "another catalog with serial " + serial + " was accepted before: give this one a higher"
                                    + " serial, and sign it again"));
        }
        boolean stands = same && kept.filter(Good.class::isInstance).isPresent();
        return new CatalogPlan(
                stands ? Optional.empty() : Optional.of(delivered),
                Optional.of(good),
                Optional.empty(),
                Optional.empty());
    }

    private static CatalogPlan stays(Optional<CatalogVerification> kept, Bad bad) {
        Optional<Good> inForce = kept.filter(Good.class::isInstance).map(Good.class::cast);
        Bad none = kept.filter(Bad.class::isInstance).map(Bad.class::cast).orElse(bad);
        return new CatalogPlan(
                Optional.empty(),
                inForce,
                inForce.isPresent() ? Optional.empty() : Optional.of(none),
                Optional.of(bad));
    }
}
