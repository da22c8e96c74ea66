package io.trustedlaunch.agent.location;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when a folder, or one above it, got another mode or owner, or was exchanged, on this host. Makes it quick, not
 * certain: what another host does to a shared folder is not told of. One for each location, since to watch a path on a
 * file server that is gone may never return.
 */
final class PathWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PathWatch.class);

    private final Path path;
    private final Runnable changed;
    private WatchService service;
    private boolean closed;

    PathWatch(Path path, Runnable changed) {
        this.path = path;
        this.changed = changed;
    }

    /** To be called again and again: folders are exchanged. Where it cannot be watched, it is looked at by the clock. */
    synchronized void watch() {
        if (closed) {
            return;
        }
        try {
            if (service == null) {
                service = FileSystems.getDefault().newWatchService();
                WatchService started = service;
                Thread.ofPlatform().daemon().name("watch-" + path).start(() -> listen(started));
            }
            for (Path parent = path.getParent(); parent != null; parent = parent.getParent()) {
                parent.register(service, ENTRY_CREATE, ENTRY_DELETE, ENTRY_MODIFY);
            }
        } catch (IOException | ClosedWatchServiceException e) {
            LOG.debug("{} is not watched, only looked at: {}", path, e.toString());
        }
    }

    private void listen(WatchService service) {
        try {
            while (true) {
                WatchKey key = service.take();
                Path folder = (Path) key.watchable();
                if (key.pollEvents().stream().anyMatch(event -> concerns(folder, event))) {
                    changed.run();
                }
                key.reset();
            }
        } catch (ClosedWatchServiceException e) {
            LOG.debug("{} is no longer watched", path);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** An overflow has no context, and may have been about anything. */
    private boolean concerns(Path folder, WatchEvent<?> event) {
        return !(event.context() instanceof Path name) || path.startsWith(folder.resolve(name));
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (service != null) {
            try {
                service.close();
            } catch (IOException e) {
                LOG.debug("the watch of {} did not end well: {}", path, e.toString());
            }
        }
    }
}
