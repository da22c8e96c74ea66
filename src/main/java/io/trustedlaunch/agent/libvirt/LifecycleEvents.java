package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.Hypervisor.Subscription;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.process.PeriodicTasks;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;
import org.libvirt.event.DomainEvent;
import org.libvirt.event.DomainEventType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports to listeners which VMs may have changed. libvirt's events make this fast; after every new connection each VM that
 * exists or existed is reported once, so that missed events do no harm.
 */
final class LifecycleEvents implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LifecycleEvents.class);

    private final Duration interval;
    private final List<Consumer<UUID>> listeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> reachListeners = new CopyOnWriteArrayList<>();
    private final Set<UUID> vms = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean gap = new AtomicBoolean();
    /** Used by the keeper thread only. */
    private boolean reachable = true;

    private final ScheduledExecutorService keeper = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("libvirt-keeper").factory());

    LifecycleEvents(Duration interval) {
        this.interval = interval;
    }

    Subscription subscribe(Consumer<UUID> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    Subscription subscribeToReach(Runnable listener) {
        reachListeners.add(listener);
        return () -> reachListeners.remove(listener);
    }

    /** Called for every new connection, before its first use. */
    void attach(OpenConnection connection) {
        try {
            connection.listen(this::onEvent);
        } catch (LibvirtException e) {
            throw LibvirtErrors.unavailable(e);
        }
        gap.set(true);
    }

    /** @param connect connects if there is no connection */
    void keepAttached(Runnable connect, Supplier<List<DomainInfo>> list) {
        PeriodicTasks.start(keeper, Duration.ZERO, interval, () -> keep(connect, list));
    }

    private void keep(Runnable connect, Supplier<List<DomainInfo>> list) {
        if (listeners.isEmpty() && reachListeners.isEmpty()) {
            return;
        }
        try {
            connect.run();
            if (gap.getAndSet(false)) {
                list.get().forEach(domain -> vms.add(domain.vm()));
                vms.forEach(this::notifyListeners);
            }
            reach(true);
        } catch (HypervisorException e) {
            gap.set(true);
            LOG.debug("No events for now: {}", e.getMessage());
            reach(false);
        }
    }

    private void reach(boolean now) {
        if (now != reachable) {
            reachable = now;
            reachListeners.forEach(Runnable::run);
        }
    }

    private int onEvent(Domain domain, DomainEvent event) {
        try {
            UUID vm = UUID.fromString(domain.getUUIDString());
            LOG.debug("VM {}: {}", vm, event.getType());
            if (event.getType() == DomainEventType.STOPPED) {
                vms.remove(vm);
            } else {
                vms.add(vm);
            }
            notifyListeners(vm);
        } catch (LibvirtException e) {
            LOG.warn("libvirt reported an event of a domain without a UUID: {}", LibvirtErrors.text(e));
        }
        return 0;
    }

    /** A listener that fails must neither affect other listeners nor end the event thread. */
    void notifyListeners(UUID vm) {
        for (Consumer<UUID> listener : listeners) {
            try {
                listener.accept(vm);
            } catch (RuntimeException e) {
                LOG.warn("VM {}: a listener of its events failed", vm, e);
            }
        }
    }

    @Override
    public void close() {
        keeper.shutdownNow();
        listeners.clear();
        reachListeners.clear();
    }
}
