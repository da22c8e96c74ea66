package io.trustedlaunch.bench;

import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** What guests do by themselves: get an address some time after they began to run, and shut down when asked. */
final class SimulatedGuests implements AutoCloseable {
    /** A guest gets its address when it has booted. */
    private static final Duration BOOT = Duration.ofSeconds(1);

    private static final String ADDRESS = "192.0.2.77";

    private final Set<UUID> booted = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("guests").factory());

    void liveOn(FakeHypervisor hypervisor) {
        hypervisor.onLifecycle(vm -> thread.execute(() -> act(hypervisor, vm)));
    }

    private void act(FakeHypervisor hypervisor, UUID vm) {
        DomainState state = hypervisor.find(vm).map(DomainInfo::state).orElse(null);
        if (state == null) {
            booted.remove(vm);
        } else if (state instanceof DomainState.ShuttingDown) {
            hypervisor.powerOff(vm);
        } else if (state instanceof DomainState.Running && booted.add(vm)) {
            var unused = thread.schedule(() -> address(hypervisor, vm), BOOT.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private static void address(FakeHypervisor hypervisor, UUID vm) {
        hypervisor
                .spec(vm)
                .map(DomainSpec::nics)
                .ifPresent(nics -> nics.forEach(nic -> {
                    try {
                        hypervisor.setAddresses(vm, nic.mac(), InetAddress.getByName(ADDRESS));
                    } catch (UnknownHostException e) {
                        throw new IllegalStateException(e);
                    }
                }));
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
