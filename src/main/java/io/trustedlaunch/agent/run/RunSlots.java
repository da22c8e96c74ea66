package io.trustedlaunch.agent.run;

import io.trustedlaunch.api.BackupRunSpec.Location;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How many runs of a kind this node carries out at a time: they take processor time and disk of guests. A server that answers
 * slowly, as often as not on purpose, holds its own slots for as long as it likes, and leaves others as many.
 */
public final class RunSlots {
    /** Of one server or folder. */
    public static final int OF_ONE_PLACE = 2;

    public static final int IN_ALL = 2 * OF_ONE_PLACE;

    public static final Duration UNTIL_ONE_IS_FREE = Duration.ofSeconds(2);

    private final Semaphore all = new Semaphore(IN_ALL);
    private final Map<String, Integer> taken = new HashMap<>();

    /** Returns false if it is not its turn. */
    public synchronized boolean take(Location location) {
        String place = place(location);
        int others = taken.getOrDefault(place, 0);
        if (others >= OF_ONE_PLACE || !all.tryAcquire()) {
            return false;
        }
        taken.put(place, others + 1);
        return true;
    }

    public synchronized void free(Location location) {
        taken.computeIfPresent(place(location), (place, runs) -> runs == 1 ? null : runs - 1);
        all.release();
    }

    /** Takes all, for good. Returns false if some are not free in time. */
    public boolean close(Duration timeout) throws InterruptedException {
        return all.tryAcquire(IN_ALL, timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Buckets of one server are as slow as that. */
    private static String place(Location location) {
        return location.folder() == null
                ? String.valueOf(URI.create(location.s3()).getAuthority())
                : location.folder();
    }
}
