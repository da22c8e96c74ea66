package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.process.PeriodicTasks;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Observes the TPMs of domains, because libvirt does not. It has a thread of its own, so that a process whose files in
 * {@code /proc} are slow to read delays no work for VMs.
 */
final class VtpmWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VtpmWatch.class);
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final VtpmState UNKNOWN = new VtpmState.Unknown();

    private final Observer observer;
    private final Consumer<UUID> changed;
    private final Map<UUID, Watched> domains = new ConcurrentHashMap<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("vtpm-watch").factory());

    /** See {@link DomainProcesses#vtpm}. */
    @FunctionalInterface
    interface Observer {
        Optional<VtpmState> vtpm(UUID vm, int id);
    }

    /** @param state seen last, twice in a row */
    private record Watched(int id, VtpmState seen, VtpmState state) {
        /** At the end of a guest, swtpm ends shortly before the domain; a debugger stops it for a moment. */
        Watched next(VtpmState now) {
            return new Watched(id, now, now.equals(seen) || state.equals(UNKNOWN) ? now : state);
        }
    }

    /** @param changed called with a VM whose TPM has changed its state */
    VtpmWatch(Observer observer, Consumer<UUID> changed) {
        this.observer = observer;
        this.changed = changed;
    }

    void start() {
        PeriodicTasks.start(thread, INTERVAL, INTERVAL, this::look);
    }

    /** Never waits. A domain is watched from its first call on. */
    VtpmState of(UUID vm, int id) {
        return domains.compute(vm, (key, known) -> known != null && known.id() == id ? known : unseen(id))
                .state();
    }

    private static Watched unseen(int id) {
        return new Watched(id, UNKNOWN, UNKNOWN);
    }

    /** Looks at every watched domain once. */
    void look() {
        domains.forEach((vm, before) -> {
            Optional<Watched> after = observer.vtpm(vm, before.id()).map(before::next);
            if (after.isEmpty()) {
                domains.remove(vm, before);
            } else if (domains.replace(vm, before, after.get())
                    && !after.get().state().equals(before.state())) {
                LOG.info(
                        "VM {}: its TPM was {}, and is {}",
                        vm,
                        before.state(),
                        after.get().state());
                changed.accept(vm);
            }
        });
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
