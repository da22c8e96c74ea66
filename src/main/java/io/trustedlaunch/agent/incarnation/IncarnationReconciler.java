package io.trustedlaunch.agent.incarnation;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.agent.host.VmQueue;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.kube.ChangeHandler;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.process.Informers;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** Queues a VM when one of its incarnations on this node, or its domain, changes. */
public final class IncarnationReconciler implements AutoCloseable {
    private static final String BY_VM = "vm";

    /** Few, because starts copy images on the disks of the host. */
    private static final int THREADS = 4;

    private static final Duration UNTIL_RELEASED = Duration.ofMillis(200);

    private final SharedIndexInformer<VMIncarnation> incarnations;
    private final IncarnationHook hook;
    private final IncarnationPass pass;
    private final VmQueue queue = new VmQueue("vm", THREADS, this::run);
    private final Hypervisor hypervisor;
    private final VmRecordStore records;
    private Hypervisor.Subscription lifecycle;

    public IncarnationReconciler(
            KubernetesClient client,
            String namespace,
            String nodeName,
            Hypervisor hypervisor,
            VmRecordStore records,
            IncarnationHook hook,
            IncarnationPass pass) {
        this.incarnations = Informers.of(
                VMIncarnation.class,
                client.resources(VMIncarnation.class).inNamespace(namespace).withField("spec.nodeName", nodeName));
        this.incarnations.addIndexers(Map.of(
                BY_VM, incarnation -> List.of(incarnation.getSpec().vmRef().uid())));
        this.hypervisor = hypervisor;
        this.records = records;
        this.hook = hook;
        this.pass = pass;
    }

    public void start() {
        ChangeHandler.start(
                incarnations,
                incarnation -> wake(incarnation.getSpec().vmRef().uid()),
                () -> records.vms().forEach(this::wake));
        lifecycle = hypervisor.onLifecycle(queue::wake);
    }

    @Override
    public void close() {
        if (lifecycle != null) {
            lifecycle.close();
        }
        incarnations.stop();
        queue.close();
    }

    public void wake(UUID vm) {
        queue.wake(vm);
    }

    /** Called on a change that concerns all VMs. */
    public void wakeAll() {
        incarnations
                .getStore()
                .list()
                .forEach(incarnation -> wake(incarnation.getSpec().vmRef().uid()));
    }

    /** Called on a change of a copy of that image. */
    public void wakeAllOf(String imageUid) {
        incarnations.getStore().list().stream()
                .filter(incarnation -> mayWaitFor(imageUid, incarnation.getSpec()))
                .forEach(incarnation -> wake(incarnation.getSpec().vmRef().uid()));
    }

    private static boolean mayWaitFor(String image, VMIncarnationSpec spec) {
        return (spec.firstStart() && image.equals(spec.machineNow().image().uid()))
                || spec.machineNow().discs().stream()
                        .flatMap(drive -> drive.disc().stream())
                        .anyMatch(disc -> image.equals(disc.uid()));
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

    private Optional<Duration> run(UUID vm) {
        return hook.holds(vm)
                ? Optional.of(UNTIL_RELEASED)
                : pass.run(vm, incarnations(vm).toList());
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
