package io.trustedlaunch.agent.backuprun;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.agent.backuprun.record.RunRecords;
import io.trustedlaunch.agent.host.VmQueue;
import io.trustedlaunch.agent.kube.ChangeHandler;
import io.trustedlaunch.agent.run.RunSlots;
import io.trustedlaunch.api.BackupAction;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.process.Informers;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what this node's BackupRuns request, and ends what an earlier process of the agent has left. */
public final class BackupRunReconciler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackupRunReconciler.class);

    /** Some are left for what needs no slot. */
    private static final int THREADS = RunSlots.IN_ALL + 2;

    /** To end what runs: a guest must not be left with a job that nobody watches. */
    private static final Duration UNTIL_ENDED = Duration.ofSeconds(10);

    private final SharedIndexInformer<BackupRun> runs;
    private final RunRecords records;
    private final RunPass pass;
    private final StorePass storePass;
    private final VmQueue queue = new VmQueue("backup", THREADS, this::run);

    /** One of its own: to verify a backup takes hours, and must not hold up the next one. */
    private final VmQueue storeQueue = new VmQueue("backup-store", THREADS, this::runInStore);

    BackupRunReconciler(
            KubernetesClient client, String namespace, String nodeName, BackupWiring wiring, RunStatusWriter writer) {
        this.runs = Informers.of(
                BackupRun.class,
                client.resources(BackupRun.class).inNamespace(namespace).withField("spec.nodeName", nodeName));
        this.records = wiring.records();
        this.pass = new RunPass(wiring, writer);
        this.storePass = new StorePass(wiring, writer);
    }

    public void start() {
        records.vms().forEach(queue::wake);
        ChangeHandler.start(
                runs,
                run -> (run.getSpec().action() == BackupAction.Backup ? queue : storeQueue).wake(vm(run)),
                () -> records.vms().forEach(queue::wake));
    }

    /** Returns when no backup is made any more. */
    @Override
    public void close() {
        storePass.stop();
        try {
            if (!pass.stop(UNTIL_ENDED)) {
                LOG.warn("A backup has not ended within {} s; the next agent ends it", UNTIL_ENDED.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        queue.close();
        storeQueue.close();
        runs.stop();
    }

    private Optional<Duration> run(UUID vm) {
        return pass.run(vm, () -> wanted(vm, Set.of(BackupAction.Backup)));
    }

    private Optional<Duration> runInStore(UUID vm) {
        return storePass.run(vm, () -> wanted(vm, Set.of(BackupAction.Remove, BackupAction.Verify)));
    }

    private Optional<List<BackupRun>> wanted(UUID vm, Set<BackupAction> actions) {
        return runs.hasSynced()
                ? Optional.of(runs.getStore().list().stream()
                        .filter(run -> vm(run).equals(vm))
                        .filter(run -> actions.contains(run.getSpec().action()))
                        .sorted(Comparator.comparing(
                                        (BackupRun run) -> run.getMetadata().getCreationTimestamp())
                                .thenComparing(run -> run.getMetadata().getName()))
                        .toList())
                : Optional.empty();
    }

    private static UUID vm(BackupRun run) {
        return UUID.fromString(run.getSpec().vmRef().uid());
    }
}
