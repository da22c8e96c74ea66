package io.trustedlaunch.agent.location;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes every storage location at an interval (see {@link LocationProbe}). A location whose file server does not respond
 * blocks only its own probe.
 */
public final class LocationWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocationWatch.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final LocationCheck check;
    private final String nodeName;
    private final LocationToken token;
    private final FileLocks locks;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final Runnable changed;
    private final Consumer<Path> probed;
    private final Duration timeout;
    private final Map<Path, Watched> watched = new HashMap<>();
    private final ExecutorService probers = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("location-", 0).factory());
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("location-timer").factory());

    /**
     * @param changed called on any thread when a location has changed; must return quickly
     * @param probed called with a location after each of its probes, on a thread that waits for nothing but this location
     */
    public LocationWatch(
            LocationCheck check,
            String nodeName,
            LocationToken token,
            LongSupplier nanoTime,
            InstantSource clock,
            Runnable changed,
            Consumer<Path> probed) {
        this(check, nodeName, token, new OpenFileLocks(), nanoTime, clock, changed, probed, TIMEOUT);
    }

    /** @param timeout of one probe */
    LocationWatch(
            LocationCheck check,
            String nodeName,
            LocationToken token,
            FileLocks locks,
            LongSupplier nanoTime,
            InstantSource clock,
            Runnable changed,
            Consumer<Path> probed,
            Duration timeout) {
        this.timeout = timeout;
        this.locks = locks;
        this.check = check;
        this.nodeName = nodeName;
        this.token = token;
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.changed = changed;
        this.probed = probed;
    }

    /** One location between its probes; guarded by the watch, except for the probe itself. */
    private final class Watched {
        private final Path path;
        private final LocationProbe probe;
        private final ReentrantLock turn = new ReentrantLock();
        private final CompletableFuture<LocationState> first = new CompletableFuture<>();
        private LocationState last;
        private boolean running;
        private long startedNanos;

        Watched(Path path) {
            this.path = path;
            this.probe = new LocationProbe(path, check, nodeName, token, locks, nanoTime, clock.millis());
        }

        /** One act of the probe at a time. */
        <T> T inTurn(Callable<T> act) throws Exception {
            turn.lockInterruptibly();
            try {
                return act.call();
            } finally {
                turn.unlock();
            }
        }
    }

    /** Closes it in its turn, on a thread that the location may block. */
    private void close(Watched location) {
        if (probers.isShutdown()) {
            return;
        }
        var unused = probers.submit(() -> location.inTurn(() -> {
            location.probe.close();
            return null;
        }));
    }

    /**
     * The last states of these locations; waits for the first probe of a new one.
     *
     * @param paths by the locations' names; other locations are no longer watched
     */
    public SortedMap<String, LocationState> states(Map<String, Path> paths) {
        keepOnly(paths);
        SortedMap<String, LocationState> states = new TreeMap<>();
        paths.forEach((name, path) -> states.put(name, state(path)));
        return states;
    }

    /**
     * Whether that node's agent writes nothing into the location: its beacon is read now, and compared with what was read in the
     * last minutes. Waits for the location, but not longer than for one probe.
     */
    public Stillness look(Path path, String node) {
        Future<Stillness> reading;
        synchronized (this) {
            Watched location = watched.get(path);
            if (location == null) {
                return new Stillness.Unreadable(
                        "this agent does not watch storage location " + path + ": see its StorageLocation");
            }
            if (isLate(location)) {
                return unanswered(path);
            }
            reading = probers.submit(() -> location.inTurn(() -> location.probe.look(node)));
        }
        return await(reading).orElseGet(() -> {
            reading.cancel(true);
            return unanswered(path);
        });
    }

    private synchronized void keepOnly(Map<String, Path> paths) {
        HashSet<Path> gone = new HashSet<>(watched.keySet());
        gone.removeAll(paths.values());
        gone.forEach(path -> close(watched.remove(path)));
        for (Path path : paths.values()) {
            if (!watched.containsKey(path)) {
                watched.put(path, new Watched(path));
                wake(path);
            }
        }
    }

    private LocationState state(Path path) {
        CompletableFuture<LocationState> first;
        synchronized (this) {
            Watched location = watched.get(path);
            if (isLate(location)) {
                return unreachable(path);
            }
            if (location.last != null) {
                return location.last;
            }
            first = location.first;
        }
        return await(first).orElseGet(() -> unreachable(path));
    }

    private boolean isLate(Watched location) {
        return location.running && nanoTime.getAsLong() - location.startedNanos > timeout.toNanos();
    }

    /** Empty if the location does not respond in time. */
    private <T> Optional<T> await(Future<T> reading) {
        try {
            return Optional.of(reading.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("reading a location never fails", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static Stillness unanswered(Path path) {
        return new Stillness.Unreadable(
                unreachable(path).problem().orElseThrow().message());
    }

    private static LocationState unreachable(Path path) {
        return LocationState.closed(new Problem(
                Reason.LocationUnreachable,
                "storage location " + path + " does not respond; restore its file server, or unmount it"));
    }

    private synchronized void wake(Path path) {
        Watched location = watched.get(path);
        if (location == null || location.running || probers.isShutdown()) {
            return;
        }
        location.running = true;
        location.startedNanos = nanoTime.getAsLong();
        probers.execute(() -> ended(location, probe(location)));
    }

    private LocationState probe(Watched location) {
        try {
            LocationState now = location.inTurn(location.probe::state);
            probed.accept(location.path);
            return now;
        } catch (Exception e) {
            LOG.error("Storage location {}: unexpected error during its probe", location.path, e);
            return LocationState.closed(new Problem(
                    Reason.AgentFault,
                    "the agent cannot probe storage location " + location.path + "; see its log on this node"));
        }
    }

    private void ended(Watched location, LocationState now) {
        boolean differs;
        synchronized (this) {
            differs = location.last != null && now.differs(location.last);
            location.last = now;
            location.running = false;
            scheduleNext(location);
        }
        location.first.complete(now);
        if (differs) {
            changed.run();
        }
    }

    private synchronized void scheduleNext(Watched location) {
        if (watched.get(location.path) == location && !timer.isShutdown()) {
            var unused = timer.schedule(
                    () -> wake(location.path), LocationProbe.CHECK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Waits for running probes, but not longer than the timeout of one. */
    @Override
    public void close() {
        synchronized (this) {
            timer.shutdownNow();
            watched.values().forEach(this::close);
            probers.shutdown();
        }
        try {
            if (!probers.awaitTermination(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                probers.shutdownNow();
                LOG.warn("A storage location does not respond; its probe is abandoned");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
