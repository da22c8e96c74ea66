package io.trustedlaunch.operator.catalog;

import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCatalogSpec.HttpsSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Catalogs on web servers: the result of the last fetch, until the next one is due. */
final class HttpsCatalogs {
    private static final int DEFAULT_MINUTES = 60;
    private static final Duration FIRST_RETRY = Duration.ofSeconds(15);

    /** Beyond that, a retry comes no earlier than the regular fetch. */
    private static final int MAX_DOUBLINGS = 13;

    private final Function<HttpsSource, FetchResult> fetch;
    private final InstantSource clock;
    private final Map<String, LastFetch> fetches = new ConcurrentHashMap<>();

    /**
     * @param generation of the ImageCatalog
     * @param failures in a row
     * @param pause before the next one; empty until the result is known
     */
    private record LastFetch(long generation, FetchResult fetched, int failures, Optional<Pause> pause) {}

    private record Pause(Duration length, Instant since) {
        Duration left(Instant now) {
            return RecordedTime.left(length, since, now);
        }
    }

    HttpsCatalogs(Function<HttpsSource, FetchResult> fetch, InstantSource clock) {
        this.fetch = fetch;
        this.clock = clock;
    }

    /** Waits for the server, for a limited time. */
    FetchResult read(ImageCatalog catalog) {
        String uid = catalog.getMetadata().getUid();
        Optional<LastFetch> last = last(catalog);
        if (last.filter(this::isCurrent).isPresent()) {
            return last.get().fetched();
        }
        FetchResult fetched = fetch.apply(catalog.getSpec().source().https());
        int failures = last.map(LastFetch::failures).orElse(0);
        fetches.put(uid, new LastFetch(catalog.getMetadata().getGeneration(), fetched, failures, Optional.empty()));
        return fetched;
    }

    /** A changed spec causes a fetch at once. */
    private Optional<LastFetch> last(ImageCatalog catalog) {
        return Optional.ofNullable(fetches.get(catalog.getMetadata().getUid()))
                .filter(lastFetch ->
                        lastFetch.generation() == catalog.getMetadata().getGeneration());
    }

    private boolean isCurrent(LastFetch lastFetch) {
        return lastFetch
                .pause()
                .map(pause -> pause.left(clock.instant()).isPositive())
                .orElse(true);
    }

    /**
     * @param good whether the catalog that was fetched is in force; otherwise it is retried sooner, with a growing delay
     * @return the time until the next fetch
     */
    Duration nextFetch(ImageCatalog catalog, boolean good) {
        LastFetch lastFetch = last(catalog).orElseThrow();
        Instant now = clock.instant();
        if (lastFetch.pause().isPresent()) {
            return lastFetch.pause().get().left(now);
        }
        int failures = good ? 0 : lastFetch.failures() + 1;
        Duration delay = delay(catalog.getSpec().source().https(), failures);
        fetches.put(
                catalog.getMetadata().getUid(),
                new LastFetch(
                        lastFetch.generation(), lastFetch.fetched(), failures, Optional.of(new Pause(delay, now))));
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

    /** Forgets all other catalogs. */
    void retain(Set<String> uids) {
        fetches.keySet().retainAll(uids);
    }
}
