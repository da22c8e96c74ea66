package io.trustedlaunch.bench;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** When VMs came into a state, as a watcher of their namespace sees it. */
final class VmWatch implements ResourceEventHandler<TrustedLaunchVM>, AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(20);

    private final Map<String, Long> running = new ConcurrentHashMap<>();
    private final Map<String, Long> failedOver = new ConcurrentHashMap<>();
    private final Map<String, Long> addressed = new ConcurrentHashMap<>();
    private final Map<String, Long> gone = new ConcurrentHashMap<>();
    private final SharedIndexInformer<TrustedLaunchVM> informer;

    VmWatch(KubernetesClient client, String namespace) {
        informer =
                client.resources(TrustedLaunchVM.class).inNamespace(namespace).inform(this, 0);
    }

    @Override
    public void onAdd(TrustedLaunchVM vm) {
        see(vm);
    }

    @Override
    public void onUpdate(TrustedLaunchVM before, TrustedLaunchVM vm) {
        see(vm);
    }

    private void see(TrustedLaunchVM vm) {
        long now = System.nanoTime();
        if (vm.getStatus() == null) {
            return;
        }
        String name = vm.getMetadata().getName();
        boolean runs = ConditionType.Running.in(vm.getStatus().conditions())
                .filter(condition -> condition.getStatus().equals("True"))
                .isPresent();
        if (runs) {
            running.putIfAbsent(name, now);
            if (vm.getStatus().failover() != null) {
                failedOver.putIfAbsent(name, now);
            }
        }
        if (vm.getStatus().primaryIP() != null) {
            addressed.putIfAbsent(name, now);
        }
    }

    @Override
    public void onDelete(TrustedLaunchVM vm, boolean unknown) {
        gone.putIfAbsent(vm.getMetadata().getName(), System.nanoTime());
    }

    /** When the VM was first seen running. */
    long running(String name) {
        return running.get(name);
    }

    /** When the last of them was first seen running. */
    long allRunning(Collection<String> names) {
        return names.stream().mapToLong(running::get).max().orElseThrow();
    }

    long allGone(Collection<String> names) {
        return names.stream().mapToLong(gone::get).max().orElseThrow();
    }

    /** @param proceeding throws if it is no use to wait */
    void awaitRunning(Collection<String> names, Duration patience, Runnable proceeding) throws InterruptedException {
        await("running", names, running::containsKey, patience, proceeding);
    }

    /** Those that run after a failover. */
    void awaitFailedOver(Collection<String> names, Duration patience, Runnable proceeding) throws InterruptedException {
        await("running elsewhere", names, failedOver::containsKey, patience, proceeding);
    }

    long allFailedOver(Collection<String> names) {
        return names.stream().mapToLong(failedOver::get).max().orElseThrow();
    }

    void awaitAddressed(Collection<String> names, Duration patience, Runnable proceeding) throws InterruptedException {
        await("known by their addresses", names, addressed::containsKey, patience, proceeding);
    }

    void awaitGone(Collection<String> names, Duration patience, Runnable proceeding) throws InterruptedException {
        await("gone", names, gone::containsKey, patience, proceeding);
    }

    private static void await(
            String what, Collection<String> names, Predicate<String> seen, Duration patience, Runnable proceeding)
            throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!names.stream().allMatch(seen)) {
            proceeding.run();
            if (System.nanoTime() > end) {
                throw new IllegalStateException(names.stream().filter(seen).count() + " of " + names.size()
                        + " VMs are " + what + " after " + patience.toSeconds() + " s");
            }
            Thread.sleep(POLL);
        }
    }

    @Override
    public void close() {
        informer.stop();
    }
}
