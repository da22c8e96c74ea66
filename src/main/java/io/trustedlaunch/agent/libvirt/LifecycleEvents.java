package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.Hypervisor.Subscription;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.periodic.Periodic;
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
 * Tells listeners which VM may have changed. Events of libvirt make it quick; it stays complete when some are missed,
 * for after every new connection each VM that is or was there is told once.
 */
final class LifecycleEvents implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LifecycleEvents.class);

    private final Duration rest;
    private final List<Consumer<UUID>> listeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> reachListeners = new CopyOnWriteArrayList<>();
    private final Set<UUID> there = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean gap = new AtomicBoolean();
    /** The keeper's own. */
    private boolean reached = true;

    private final ScheduledExecutorService keeper = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("libvirt-keeper").factory());

    LifecycleEvents(Duration rest) {
        this.rest = rest;
    }

    Subscription subscribe(Consumer<UUID> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    Subscription subscribeToReach(Runnable listener) {
        reachListeners.add(listener);
        return () -> reachListeners.remove(listener);
    }

    /** For every new connection, before its first use. */
    void attach(OpenConnection connection) {
        try {
            connection.listen(this::onEvent);
        } catch (LibvirtException e) {
            throw LibvirtErrors.unavailable(e);
        }
        gap.set(true);
    }

    /** @param look connects where there is no connection */
    void keepAttached(Runnable connect, Supplier<List<DomainInfo>> look) {
        Periodic.start(keeper, Duration.ZERO, rest, () -> keep(connect, look));
    }

    private void keep(Runnable connect, Supplier<List<DomainInfo>> look) {
        if (listeners.isEmpty() && reachListeners.isEmpty()) {
            return;
        }
        try {
            connect.run();
            if (gap.getAndSet(false)) {
                look.get().forEach(sight -> there.add(sight.vm()));
                there.forEach(this::tell);
            }
            reach(true);
        } catch (HypervisorException e) {
            gap.set(true);
            LOG.debug("no events for now: {}", e.getMessage());
            reach(false);
        }
    }

    private void reach(boolean now) {
        if (now != reached) {
            reached = now;
            reachListeners.forEach(Runnable::run);
        }
    }

    private int onEvent(Domain domain, DomainEvent event) {
        try {
            UUID vm = UUID.fromString(domain.getUUIDString());
            if (event.getType() == DomainEventType.STOPPED) {
                there.remove(vm);
            } else {
                there.add(vm);
            }
            tell(vm);
        } catch (LibvirtException e) {
            LOG.warn("libvirt tells of a domain without a UUID: {}", LibvirtErrors.text(e));
        }
        return 0;
    }

    /** One listener that fails must not keep the news from the others, nor end the thread that brings them. */
    private void tell(UUID vm) {
        for (Consumer<UUID> listener : listeners) {
            try {
                listener.accept(vm);
            } catch (RuntimeException e) {
                LOG.warn("a listener failed at the news of VM {}", vm, e);
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
