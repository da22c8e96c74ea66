package io.trustedlaunch.operator.catalog;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.operator.catalog.CatalogVerification.Bad;
import io.trustedlaunch.operator.catalog.CatalogVerification.Good;
import java.util.Optional;

/**
 * The next step for a catalog that was fetched.
 *
 * @param cache to be written to the cache; empty if the cache stays as it is
 * @param inForce the catalog in force after that; empty if there is none
 * @param notInForce why none is in force
 * @param notCurrent why the catalog that was fetched last is not in force; empty if it is
 */
record CatalogPlan(
        Optional<SignedContent> cache, Optional<Good> inForce, Optional<Bad> notInForce, Optional<Bad> notCurrent) {

    static CatalogPlan of(CatalogFacts facts) {
        Optional<CatalogVerification> cached =
                facts.cachedContent().map(signed -> facts.verify(signed).at(facts.now()));
        if (!facts.keys().faults().isEmpty()) {
            return unchanged(
                    cached,
                    new Bad(
                            Reason.CatalogKeyInvalid,
                            String.join("; ", facts.keys().faults())
                                    + ": no new catalog is accepted until this is corrected"));
        }
        return switch (facts.fetched()) {
            case FetchResult.Unavailable unavailable ->
                unchanged(cached, new Bad(unavailable.reason(), unavailable.message()));
            case FetchResult.Fetched fetched ->
                switch (facts.verify(fetched.signed()).at(facts.now())) {
                    case Bad bad -> unchanged(cached, bad);
                    case Good good -> good(facts, cached, fetched.signed(), good);
                };
        };
    }

    private static CatalogPlan good(
            CatalogFacts facts, Optional<CatalogVerification> cached, SignedContent fetched, Good good) {
        Optional<SignedContent> before = facts.cachedContent();
        Optional<Long> highest = before.flatMap(CatalogVerification::serial);
        long serial = good.catalog().serial();
        if (highest.isPresent() && serial < highest.get()) {
            return unchanged(
                    cached,
                    new Bad(
                            Reason.CatalogOlder,
                            "its serial " + serial + " is lower than " + highest.get()
                                    + ", which was accepted before: sign it again with a higher serial; or, to go back"
                                    + " to it, delete the ImageCatalog and create it again"));
        }
        boolean same = before.filter(fetched::hasContentOf).isPresent();
        if (highest.isPresent() && serial == highest.get() && !same) {
            return unchanged(
                    cached,
                    new Bad(
                            Reason.CatalogOlder,
                            "another catalog with serial " + serial + " was accepted before: sign this one again with a"
                                    + " higher serial"));
        }
        boolean isCurrent = same && cached.filter(Good.class::isInstance).isPresent();
        return new CatalogPlan(
                isCurrent ? Optional.empty() : Optional.of(fetched),
                Optional.of(good),
                Optional.empty(),
                Optional.empty());
    }

    private static CatalogPlan unchanged(Optional<CatalogVerification> cached, Bad bad) {
        Optional<Good> inForce = cached.filter(Good.class::isInstance).map(Good.class::cast);
        Bad none = cached.filter(Bad.class::isInstance).map(Bad.class::cast).orElse(bad);
        return new CatalogPlan(
                Optional.empty(),
                inForce,
                inForce.isPresent() ? Optional.empty() : Optional.of(none),
                Optional.of(bad));
    }
}
