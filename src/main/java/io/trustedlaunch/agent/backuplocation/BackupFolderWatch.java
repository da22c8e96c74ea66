package io.trustedlaunch.agent.backuplocation;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.MarkerOrder;
import io.trustedlaunch.api.node.ClusterNodeStatus.BackupFolder;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.StoreMarker;
import io.trustedlaunch.backup.folder.FolderMarker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for the markers, each minute, on threads that wait for nothing but their folder: a file server may not answer. This is
 * polled: a watch reports no mount.
 */
public final class BackupFolderWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackupFolderWatch.class);
    private static final Duration INTERVAL = Duration.ofMinutes(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final String nodeName;
    private final Markers markers;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final Runnable changed;
    private final Map<String, Watched> watched = new HashMap<>();
    private final Set<MarkerOrder> obeyed = new HashSet<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("backup-folder").factory());

    /** The marker of a folder. */
    @FunctionalInterface
    interface Markers {
        /** @param toMake the ID of one to make first, unless there is one */
        Optional<UUID> look(Path folder, Optional<UUID> toMake) throws BackupStoreException;
    }

    /** @param changed called on any thread when another thing is found than before; must return quickly */
    public BackupFolderWatch(String nodeName, LongSupplier nanoTime, InstantSource clock, Runnable changed) {
        this(nodeName, BackupFolderWatch::marker, nanoTime, clock, changed);
    }

    BackupFolderWatch(String nodeName, Markers markers, LongSupplier nanoTime, InstantSource clock, Runnable changed) {
        this.nodeName = nodeName;
        this.markers = markers;
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.changed = changed;
    }

    private static Optional<UUID> marker(Path folder, Optional<UUID> toMake) throws BackupStoreException {
        FolderMarker marker = new FolderMarker(folder);
        if (toMake.isPresent()) {
            marker.make(toMake.get());
            LOG.info("The marker of backup folder {} is there, as was ordered: it is store {}", folder, toMake.get());
        }
        return marker.find();
    }

    /** One folder; guarded by the watch. */
    private static final class Watched {
        private final Path folder;
        private Optional<Found> last = Optional.empty();
        private boolean looking;
        private long sinceNanos;

        Watched(Path folder) {
            this.folder = folder;
        }
    }

    /** @param problem why there is no ID */
    private record Found(Optional<UUID> id, Optional<Problem> problem) {}

    /** What was found last; nothing yet of a folder that is new. Never waits. Other locations are no longer watched. */
    public synchronized List<BackupFolder> reports(List<BackupLocation> known) {
        List<BackupLocation> folders = known.stream()
                .filter(location -> location.getSpec().folder() != null)
                .sorted(Comparator.comparing(location -> location.getMetadata().getName()))
                .toList();
        watched.keySet()
                .retainAll(folders.stream()
                        .map(location -> location.getMetadata().getName())
                        .toList());
        return folders.stream().flatMap(location -> report(location).stream()).toList();
    }

    private Optional<BackupFolder> report(BackupLocation location) {
        String name = location.getMetadata().getName();
        Path folder = Path.of(location.getSpec().folder().path());
        Watched one = watched.compute(
                name, (key, before) -> before != null && before.folder.equals(folder) ? before : new Watched(folder));
        Optional<MarkerOrder> order = order(location);
        if (!one.looking && (one.last.isEmpty() || order.isPresent() || isOlder(one, INTERVAL))) {
            order.ifPresent(obeyed::add);
            look(one, order.map(due -> UUID.fromString(due.id())));
        }
        if (one.looking && isOlder(one, TIMEOUT)) {
            return Optional.of(BackupFolder.unmarked(
                    name,
                    unavailable("the folder " + folder + " does not respond: restore its file server, or unmount it")));
        }
        return one.last.map(found -> found.id()
                .map(id -> BackupFolder.marked(name, id))
                .orElseGet(() -> BackupFolder.unmarked(name, found.problem().orElseThrow())));
    }

    /** Each is obeyed once: what was made and is gone again is on another file system. */
    private Optional<MarkerOrder> order(BackupLocation location) {
        return MarkerOrder.due(location, Optional.of(nodeName), clock.instant())
                .flatMap(due -> MarkerOrder.of(location))
                .filter(order -> !obeyed.contains(order));
    }

    private boolean isOlder(Watched one, Duration age) {
        return nanoTime.getAsLong() - one.sinceNanos >= age.toNanos();
    }

    private void look(Watched one, Optional<UUID> toMake) {
        if (threads.isShutdown()) {
            return;
        }
        one.looking = true;
        one.sinceNanos = nanoTime.getAsLong();
        threads.execute(() -> ended(one, found(one.folder, toMake)));
    }

    private Found found(Path folder, Optional<UUID> toMake) {
        try {
            Optional<UUID> id = markers.look(folder, toMake);
            return new Found(id, id.isPresent() ? Optional.empty() : Optional.of(missing(folder)));
        } catch (BackupStoreException e) {
            return new Found(
                    Optional.empty(),
                    Optional.of(
                            e.fault() == StoreFault.UNMARKED
                                    ? new Problem(Reason.MarkerRefused, e.getMessage())
                                    : unavailable(e.getMessage())));
        } catch (RuntimeException e) {
            LOG.error("Unexpected error while looking into backup folder {}", folder, e);
            return new Found(
                    Optional.empty(),
                    Optional.of(new Problem(
                            Reason.AgentFault,
                            "the agent cannot look into the folder " + folder + "; see its log on this node")));
        }
    }

    private static Problem missing(Path folder) {
        return new Problem(
                Reason.MarkerMissing,
                "the folder " + folder + " has no marker (" + StoreMarker.NAME + ")" + fileSystem(folder));
    }

    /** Shows at a glance that the file server is not mounted. */
    private static String fileSystem(Path folder) {
        try {
            return "; its file system is " + Files.getFileStore(folder);
        } catch (IOException e) {
            return "";
        }
    }

    private static Problem unavailable(String message) {
        return new Problem(Reason.BackupLocationUnavailable, message);
    }

    private void ended(Watched one, Found now) {
        boolean differs;
        synchronized (this) {
            differs = !one.last.equals(Optional.of(now));
            one.last = Optional.of(now);
            one.looking = false;
        }
        if (differs) {
            changed.run();
        }
    }

    /** A look that does not return is abandoned. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
