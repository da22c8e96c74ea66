package io.trustedlaunch.agent.restorerun;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.agent.kube.ChangeHandler;
import io.trustedlaunch.agent.order.OrderQueue;
import io.trustedlaunch.api.RestoreRun;
import io.trustedlaunch.process.Informers;
import java.time.Duration;
import java.util.UUID;

/** Carries out this node's RestoreRuns. */
public final class RestoreRunReconciler implements AutoCloseable {
    private final SharedIndexInformer<RestoreRun> runs;
    private final OrderQueue<RestoreRun> queue;

    RestoreRunReconciler(KubernetesClient client, String namespace, RestoreWiring wiring) {
        this.runs = Informers.of(
                RestoreRun.class,
                client.resources(RestoreRun.class)
                        .inNamespace(namespace)
                        .withField("spec.nodeName", wiring.nodeName()));
        this.queue = new OrderQueue<>("restore", runs, RestoreRunReconciler::vm, wiring.pass(), Duration.ZERO);
    }

    public void start() {
        ChangeHandler.start(runs, queue::changed, () -> {});
    }

    /** The next process begins what is not committed anew, and finishes what is. */
    @Override
    public void close() {
        queue.close();
        runs.stop();
    }

    private static UUID vm(RestoreRun run) {
        return UUID.fromString(run.getSpec().vmRef().uid());
    }
}
