package io.trustedlaunch.agent.backuprun;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.agent.backuprun.record.RunRecords;
import io.trustedlaunch.agent.kube.ChangeHandler;
import io.trustedlaunch.agent.order.OrderQueue;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.process.Informers;
import java.time.Duration;
import java.util.UUID;

/** Carries out what this node's BackupRuns request, and ends what an earlier process of the agent has left. */
public final class BackupRunReconciler implements AutoCloseable {
    /** A guest must not be left with a job that nobody watches. */
    private static final Duration UNTIL_ENDED = Duration.ofSeconds(10);

    private final SharedIndexInformer<BackupRun> runs;
    private final RunRecords records;
    private final OrderQueue<BackupRun> making;

    /** One of its own: to verify a backup takes hours, and must not hold up the next one. */
    private final OrderQueue<BackupRun> care;

    BackupRunReconciler(
            KubernetesClient client, String namespace, String nodeName, BackupWiring wiring, RunStatusWriter writer) {
        this.runs = Informers.of(
                BackupRun.class,
                client.resources(BackupRun.class).inNamespace(namespace).withField("spec.nodeName", nodeName));
        this.records = wiring.records();
        this.making = new OrderQueue<>("backup", runs, BackupRunReconciler::vm, wiring.making(writer), UNTIL_ENDED);
        this.care = new OrderQueue<>("backup-store", runs, BackupRunReconciler::vm, wiring.care(writer), Duration.ZERO);
    }

    public void start() {
        records.vms().forEach(making::wake);
        ChangeHandler.start(
                runs,
                run -> {
                    making.changed(run);
                    care.changed(run);
                },
                () -> records.vms().forEach(making::wake));
    }

    /** Returns when no backup is made any more. */
    @Override
    public void close() {
        care.close();
        making.close();
        runs.stop();
    }

    private static UUID vm(BackupRun run) {
        return UUID.fromString(run.getSpec().vmRef().uid());
    }
}
