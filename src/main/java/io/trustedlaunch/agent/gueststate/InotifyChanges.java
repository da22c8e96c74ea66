package io.trustedlaunch.agent.gueststate;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;
import static java.nio.file.StandardWatchEventKinds.OVERFLOW;

import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Detects changes by inotify, with one thread for all VMs. */
public final class InotifyChanges implements WorkingCopyChanges {
    private static final Logger LOG = LoggerFactory.getLogger(InotifyChanges.class);

    private final WatchService service;
    private final Consumer<UUID> listener;
    private final Map<Path, UUID> watched = new ConcurrentHashMap<>();

    private InotifyChanges(WatchService service, Consumer<UUID> listener) {
        this.service = service;
        this.listener = listener;
    }

    /** @param listener called with each VM whose copy may have changed; must return quickly */
    public static InotifyChanges notifying(Consumer<UUID> listener) throws IOException {
        InotifyChanges changes = new InotifyChanges(FileSystems.getDefault().newWatchService(), listener);
        Thread.ofPlatform().daemon().name("copy-changes").start(changes::listen);
        return changes;
    }

    @Override
    public void watch(WorkingCopy copy) throws IOException {
        for (Path file : List.of(copy.tpmState(), copy.variables())) {
            watched.put(file, copy.vm());
            // Registering a folder again is harmless.
            file.getParent().register(service, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
        }
        listener.accept(copy.vm());
    }

    @Override
    public void forget(UUID vm) {
        watched.values().removeIf(vm::equals);
    }

    @Override
    public void close() {
        try {
            service.close();
        } catch (IOException e) {
            LOG.warn("Cannot close the watch on working copies", e);
        }
    }

    private void listen() {
        try {
            while (true) {
                WatchKey key = service.take();
                affectedBy(key).forEach(listener);
                // A deleted folder needs no watch: the deletion of its files was reported.
                key.reset();
            }
        } catch (ClosedWatchServiceException e) {
            LOG.debug("Stopped watching working copies", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Set<UUID> affectedBy(WatchKey key) {
        Path folder = (Path) key.watchable();
        return key.pollEvents().stream()
                .flatMap(event -> affectedBy(folder, event))
                .collect(Collectors.toSet());
    }

    /** After an overflow any copy may have changed. */
    private Stream<UUID> affectedBy(Path folder, WatchEvent<?> event) {
        return event.kind() == OVERFLOW
                ? watched.values().stream()
                : Stream.ofNullable(watched.get(folder.resolve((Path) event.context())));
    }
}
