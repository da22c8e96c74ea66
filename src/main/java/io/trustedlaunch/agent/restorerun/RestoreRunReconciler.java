package io.trustedlaunch.agent.restorerun;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.agent.host.VmQueue;
import io.trustedlaunch.agent.kube.ChangeHandler;
import io.trustedlaunch.agent.run.RunSlots;
import io.trustedlaunch.api.RestoreRun;
import io.trustedlaunch.process.Informers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Carries out this node's RestoreRuns. */
public final class RestoreRunReconciler implements AutoCloseable {
    private static final int THREADS = RunSlots.IN_ALL + 1;

    private final SharedIndexInformer<RestoreRun> runs;
    private final RestorePass pass;
    private final VmQueue queue = new VmQueue("restore", THREADS, this::run);

    RestoreRunReconciler(KubernetesClient client, String namespace, RestoreWiring wiring) {
        this.runs = Informers.of(
                RestoreRun.class,
                client.resources(RestoreRun.class)
                        .inNamespace(namespace)
                        .withField("spec.nodeName", wiring.nodeName()));
        this.pass = new RestorePass(wiring);
    }

    public void start() {
        ChangeHandler.start(runs, run -> queue.wake(vm(run)), () -> {});
    }

    /** The next process begins what is not committed anew, and finishes what is. */
    @Override
    public void close() {
        pass.stop();
        queue.close();
        runs.stop();
    }

    private Optional<Duration> run(UUID vm) {
        return pass.run(() -> wanted(vm));
    }

    private List<RestoreRun> wanted(UUID vm) {
        return runs.getStore().list().stream().filter(run -> vm(run).equals(vm)).toList();
    }

    private static UUID vm(RestoreRun run) {
        return UUID.fromString(run.getSpec().vmRef().uid());
    }
}
