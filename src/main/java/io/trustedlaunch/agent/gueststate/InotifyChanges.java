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

/** The kernel's word that a file changed: one thread for all VMs. */
public final class InotifyChanges implements CopyChanges {
    private static final Logger LOG = LoggerFactory.getLogger(InotifyChanges.class);

    private final WatchService service;
    private final Consumer<UUID> listener;
    private final Map<Path, UUID> watched = new ConcurrentHashMap<>();

    private InotifyChanges(WatchService service, Consumer<UUID> listener) {
        this.service = service;
        this.listener = listener;
    }

    /** @param listener told of VMs whose copy changed or may have; returns soon */
    public static InotifyChanges tellingOf(Consumer<UUID> listener) throws IOException {
        InotifyChanges changes = new InotifyChanges(FileSystems.getDefault().newWatchService(), listener);
        Thread.ofPlatform().daemon().name("copy-changes").start(changes::listen);
        return changes;
    }

    @Override
    public void watch(WorkingCopy copy) throws IOException {
        for (Path file : List.of(copy.tpmState(), copy.variables())) {
            watched.put(file, copy.vm());
            // A folder that is watched already is not watched twice.
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
            LOG.warn("The watch over working copies did not end well", e);
        }
    }

    private void listen() {
        try {
            while (true) {
                WatchKey key = service.take();
                concernedBy(key).forEach(listener);
                // A folder that is gone needs no watch; its end was told as the deletion of what was in it.
                key.reset();
            }
        } catch (ClosedWatchServiceException e) {
            LOG.debug("no longer watching working copies", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Set<UUID> concernedBy(WatchKey key) {
        Path folder = (Path) key.watchable();
        return key.pollEvents().stream()
                .flatMap(event -> concernedBy(folder, event))
                .collect(Collectors.toSet());
    }

    /** After an overflow nobody knows what changed, so that all are looked at. */
    private Stream<UUID> concernedBy(Path folder, WatchEvent<?> event) {
        return event.kind() == OVERFLOW
                ? watched.values().stream()
                : Stream.ofNullable(watched.get(folder.resolve((Path) event.context())));
    }
}
