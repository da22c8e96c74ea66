package io.trustedlaunch.agent.incarnation;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.agent.host.VmQueue;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.kube.ChangeHandler;
import io.trustedlaunch.api.VMIncarnation;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** Wiring: this node's incarnations, and the hypervisor's news, wake the VM that they concern. */
public final class IncarnationReconciler implements AutoCloseable {
    private static final String BY_VM = "vm";

    /** Starts copy images, and the host's disks are one. */
    private static final int THREADS = 4;

    private final SharedIndexInformer<VMIncarnation> incarnations;
    private final IncarnationPass pass;
    private final VmQueue queue = new VmQueue("vm", THREADS, this::run);
    private final Hypervisor hypervisor;
    private Hypervisor.Subscription news;

    public IncarnationReconciler(
            KubernetesClient client, String namespace, String nodeName, Hypervisor hypervisor, IncarnationPass pass) {
        this.incarnations = client.resources(VMIncarnation.class)
                .inNamespace(namespace)
                .withField("spec.nodeName", nodeName)
                .runnableInformer(0);
        this.incarnations.addIndexers(Map.of(
                BY_VM, incarnation -> List.of(incarnation.getSpec().vmRef().uid())));
        this.hypervisor = hypervisor;
        this.pass = pass;
    }

    public void start() {
        ChangeHandler.start(
                incarnations, incarnation -> wake(incarnation.getSpec().vmRef().uid()), () -> {});
        news = hypervisor.onLifecycle(queue::wake);
    }

    @Override
    public void close() {
        if (news != null) {
            news.close();
        }
        incarnations.stop();
        queue.close();
    }

    public void wake(UUID vm) {
        queue.wake(vm);
    }

    /** Something changed that concerns all. */
    public void wakeAll() {
        incarnations
                .getStore()
                .list()
                .forEach(incarnation -> wake(incarnation.getSpec().vmRef().uid()));
    }

    /** Of an image, a copy changed. */
    public void wakeAllOf(String imageUid) {
        incarnations.getStore().list().stream()
                .filter(incarnation ->
                        imageUid.equals(incarnation.getSpec().machine().image().uid()))
                .filter(incarnation -> incarnation.getSpec().firstStart())
                .forEach(incarnation -> wake(incarnation.getSpec().vmRef().uid()));
    }

    public boolean isIdle() {
        return queue.isIdle();
    }

    public Optional<VMIncarnation> latest(UUID vm) {
        return incarnations(vm).reduce((earlier, later) -> later);
    }

    private void wake(String vmUid) {
        vmOf(vmUid).ifPresent(queue::wake);
    }

    /** An earlier life first: what is left of it may stand in the later one's way. */
    private Optional<Duration> run(UUID vm) {
        List<VMIncarnation> incarnations = incarnations(vm).toList();
        if (incarnations.isEmpty()) {
            return Optional.empty();
        }
        long highest = incarnations.getLast().getSpec().epoch();
        return incarnations.stream()
                .map(incarnation -> pass.run(incarnation, highest))
                .min(Comparator.naturalOrder());
    }

    private Stream<VMIncarnation> incarnations(UUID vm) {
        return incarnations.getIndexer().byIndex(BY_VM, vm.toString()).stream()
                .sorted(Comparator.comparing(
                        incarnation -> incarnation.getSpec().epoch()));
    }

    private static Optional<UUID> vmOf(String uid) {
        try {
            return Optional.of(UUID.fromString(uid));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
