package io.trustedlaunch.operator.catalog;

import io.trustedlaunch.api.ImageCatalog;
import io.trustedlaunch.api.ImageCatalogSpec.HttpsSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Catalogs on web servers: what each had when it was asked last, until it is time to ask again. */
final class HttpsCatalogs {
    private static final int DEFAULT_MINUTES = 60;
    private static final Duration FIRST_RETRY = Duration.ofSeconds(15);

    /** Beyond that a retry is no earlier than any look. */
    private static final int MAX_DOUBLINGS = 13;

    private final Function<HttpsSource, FetchResult> fetch;
    private final InstantSource clock;
    private final Map<String, Look> looks = new ConcurrentHashMap<>();

    /**
     * @param generation of the ImageCatalog
     * @param failures in a row
     * @param due when to ask again; empty until it is known what came of it
     */
    private record Look(long generation, FetchResult delivery, int failures, Optional<Instant> due) {}

    HttpsCatalogs(Function<HttpsSource, FetchResult> fetch, InstantSource clock) {
        this.fetch = fetch;
        this.clock = clock;
    }

    /** Waits for the server, but for a limited time. */
    FetchResult read(ImageCatalog catalog) {
        String uid = catalog.getMetadata().getUid();
        Optional<Look> last = last(catalog);
        if (last.filter(this::stands).isPresent()) {
            return last.get().delivery();
        }
        FetchResult delivery = fetch.apply(catalog.getSpec().source().https());
        int failures = last.map(Look::failures).orElse(0);
        looks.put(uid, new Look(catalog.getMetadata().getGeneration(), delivery, failures, Optional.empty()));
        return delivery;
    }

    /** Another spec is looked at at once. */
    private Optional<Look> last(ImageCatalog catalog) {
        return Optional.ofNullable(looks.get(catalog.getMetadata().getUid()))
                .filter(look -> look.generation() == catalog.getMetadata().getGeneration());
    }

    private boolean stands(Look look) {
        return look.due().map(due -> clock.instant().isBefore(due)).orElse(true);
    }

    /**
     * @param good what was read is in force; otherwise it is asked for again before its time, later each time
     * @return how long until then
     */
    Duration nextLook(ImageCatalog catalog, boolean good) {
        Look look = last(catalog).orElseThrow();
        Instant now = clock.instant();
        if (look.due().isPresent()) {
            return Duration.between(now, look.due().get());
        }
        int failures = good ? 0 : look.failures() + 1;
        Duration delay = delay(catalog.getSpec().source().https(), failures);
        looks.put(
                catalog.getMetadata().getUid(),
                new Look(look.generation(), look.delivery(), failures, Optional.of(now.plus(delay))));
        return delay;
    }

    private static Duration delay(HttpsSource source, int failures) {
        Duration ordinary =
                Duration.ofMinutes(Optional.ofNullable(source.refreshMinutes()).orElse(DEFAULT_MINUTES));
        if (failures == 0) {
            return ordinary;
        }
        Duration retry = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, MAX_DOUBLINGS));
        return retry.compareTo(ordinary) < 0 ? retry : ordinary;
    }

    /** Forgets what was read for others. */
    void retain(Set<String> uids) {
        looks.keySet().retainAll(uids);
    }
}
