package io.trustedlaunch.agent.location;

import io.trustedlaunch.api.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at every storage location by itself, every few seconds (see {@link LocationProbe}). One whose file server is gone
 * holds up its own look, and nobody else's.
 */
public final class LocationWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocationWatch.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final LocationCheck check;
    private final String nodeName;
    private final LocationToken token;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final Runnable changed;
    private final Duration patience;
    private final Map<Path, Watched> watched = new HashMap<>();
    private final ExecutorService lookers = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("location-", 0).factory());
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("location-timer").factory());

    /** @param changed called when a location is not what it was, from any thread; returns soon */
    public LocationWatch(
            LocationCheck check,
            String nodeName,
            LocationToken token,
            LongSupplier nanoTime,
            InstantSource clock,
            Runnable changed) {
        this(check, nodeName, token, nanoTime, clock, changed, PATIENCE);
    }

    /** @param patience with one look */
    LocationWatch(
            LocationCheck check,
            String nodeName,
            LocationToken token,
            LongSupplier nanoTime,
            InstantSource clock,
            Runnable changed,
            Duration patience) {
        this.patience = patience;
        this.check = check;
        this.nodeName = nodeName;
        this.token = token;
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.changed = changed;
    }

    /** One location between its looks; guarded by the watch, all but the look itself. */
    private final class Watched {
        private final Path path;
        private final LocationProbe look;
        private final CompletableFuture<LocationState> first = new CompletableFuture<>();
        private LocationState last;
        private boolean running;
        private long startedNanos;

        Watched(Path path) {
            this.path = path;
            this.look = new LocationProbe(path, check, nodeName, token, nanoTime, clock.millis());
        }
    }

    /**
     * What was seen of these locations last; of one that is new, once it was looked at.
     *
     * @param paths by the locations' names; a location that is not among them any more is let go
     */
    public SortedMap<String, LocationState> sights(Map<String, Path> paths) {
        keepOnly(paths);
        SortedMap<String, LocationState> sights = new TreeMap<>();
        paths.forEach((name, path) -> sights.put(name, sight(path)));
        return sights;
    }

    private synchronized void keepOnly(Map<String, Path> paths) {
        HashSet<Path> gone = new HashSet<>(watched.keySet());
        gone.removeAll(paths.values());
        gone.forEach(watched::remove);
        for (Path path : paths.values()) {
            if (!watched.containsKey(path)) {
                watched.put(path, new Watched(path));
                wake(path);
            }
        }
    }

    private LocationState sight(Path path) {
        CompletableFuture<LocationState> first;
        synchronized (this) {
            Watched location = watched.get(path);
            boolean late = location.running && nanoTime.getAsLong() - location.startedNanos > patience.toNanos();
            if (late) {
                return unreachable(path);
            }
            if (location.last != null) {
                return location.last;
            }
            first = location.first;
        }
        try {
            return first.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return unreachable(path);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a look never fails", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return unreachable(path);
        }
    }

    private static LocationState unreachable(Path path) {
        return LocationState.closed(
                Reason.LocationUnreachable,
                path + " does not answer: bring back the file server that it is on, or unmount it");
    }

    private synchronized void wake(Path path) {
        Watched location = watched.get(path);
        if (location == null || location.running || lookers.isShutdown()) {
            return;
        }
        location.running = true;
        location.startedNanos = nanoTime.getAsLong();
        lookers.execute(() -> ended(location, look(location)));
    }

    private static LocationState look(Watched location) {
        try {
            return location.look.look();
        } catch (RuntimeException e) {
            LOG.error("a fault while looking at {}", location.path, e);
            return LocationState.closed(
                    Reason.AgentFault, location.path + " could not be looked at; the agent's log says why");
        }
    }

    private void ended(Watched location, LocationState now) {
        boolean news;
        synchronized (this) {
            news = location.last != null && now.differs(location.last);
            location.last = now;
            location.running = false;
            scheduleNext(location);
        }
        location.first.complete(now);
        if (news) {
            changed.run();
        }
    }

    private synchronized void scheduleNext(Watched location) {
        if (watched.get(location.path) == location && !timer.isShutdown()) {
            var unused = timer.schedule(
                    () -> wake(location.path), LocationProbe.BETWEEN_GLANCES.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Returns when nothing is looked at any more, but waits no longer than for a look. */
    @Override
    public void close() {
        synchronized (this) {
            timer.shutdownNow();
            lookers.shutdownNow();
        }
        try {
            if (!lookers.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("A storage location does not answer, and is left to itself");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
