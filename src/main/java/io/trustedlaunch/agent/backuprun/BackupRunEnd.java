package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.backuprun.instant.GuestFreeze;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecord;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecords;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.GuestBackups;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.backup.BackupRunStatusBuilder;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a run, whatever it had begun and whichever process had. Each method can be repeated. Only what is committed is a backup:
 * then the checkpoints before it go; otherwise its own goes, so that the next backup has the changes since the one before.
 */
final class BackupRunEnd {
    private static final Logger LOG = LoggerFactory.getLogger(BackupRunEnd.class);
    private static final int WHOLE = 100;

    /** A folder on a file server that is away may not answer for ever. */
    private static final Duration STORE_TIMEOUT = Duration.ofSeconds(30);

    private static final Problem INTERRUPTED =
            new Problem(Reason.AgentRestarted, "the agent ended during the backup, and nothing of it is kept");

    private static final Problem SILENT = new Problem(Reason.BackupLocationUnavailable, "it does not answer");

    private final Hypervisor hypervisor;
    private final BackupRunRecords records;
    private final RunFiles files;
    private final RecordedStores stores;
    private final SupervisedWork watched;
    private final InstantSource clock;

    BackupRunEnd(
            Hypervisor hypervisor,
            BackupRunRecords records,
            RunFiles files,
            RecordedStores stores,
            SupervisedWork watched,
            InstantSource clock) {
        this.hypervisor = hypervisor;
        this.records = records;
        this.files = files;
        this.stores = stores;
        this.watched = watched;
        this.clock = clock;
    }

    /**
     * Thaws a guest that an ended run may have left frozen: an agent that did not answer in time may have frozen it later, and
     * libvirt sends no thaw to one that does not answer. To be repeated until the agent confirms it.
     */
    void thawLeft(UUID vm) {
        if (records.isFrozen(vm) && backups().thaw(vm, GuestFreeze.LIMIT)) {
            records.forgetFrozen(vm);
            LOG.info("VM {}: the file systems that a backup may have frozen are thawed", vm);
        }
    }

    /** Nothing waits for this run any more: the guest goes on, and QEMU keeps nothing of it. */
    void release(BackupRunRecord record) {
        if (record.pausing()) {
            GuestPause.endLeft(hypervisor, record.vm(), record.epoch());
        }
        if (record.freezing() && GuestFreeze.isThawed(record.vm(), backups())) {
            records.find(record.run()).ifPresent(known -> records.save(known.withFreezing(false)));
        }
        backups().end(record.vm());
    }

    /**
     * Returns its final status.
     *
     * @param spec empty if the run is no longer wanted
     */
    BackupRunStatus end(BackupRunRecord record, Optional<BackupRunSpec> spec) throws IOException {
        release(record);
        if (records.find(record.run()).filter(BackupRunRecord::freezing).isPresent()) {
            records.saveFrozen(record.vm());
        }
        Optional<BackupResult> committed = committed(record, spec);
        if (committed.isPresent()) {
            // One of a VM that was off has no checkpoint: those of the backups before it are still needed.
            spec.filter(known -> known.guestState() == null)
                    .ifPresent(known -> deleteCheckpointsBefore(record.vm(), known));
        } else {
            backups().deleteCheckpoint(record.vm(), record.checkpoint());
        }
        files.removeSockets(record.vm());
        Optional<BackupRunStaging> staging = files.staging(record);
        if (staging.isPresent()) {
            staging.get().remove();
        }
        if (committed.isEmpty() && record.goesToFolder()) {
            // The operator removes those in a bucket: nodes can remove nothing there.
            removeFiles(record);
        }
        return committed
                .map(BackupRunEnd::completed)
                .orElseGet(() -> failed(record.problem()
                        .filter(problem -> problem.reason() != Reason.AgentRestarted)
                        .orElse(INTERRUPTED)));
    }

    /** The store is asked: the process that wrote the index may have died before it recorded that. */
    private Optional<BackupResult> committed(BackupRunRecord record, Optional<BackupRunSpec> spec) throws IOException {
        if (record.result().isEmpty()) {
            return Optional.empty();
        }
        return asking(record, spec, "whether it is complete", store -> store.index(record.id()))
                .flatMap(index -> index)
                .filter(index -> Sha256.of(index).equals(record.result().get().indexSHA256()))
                .flatMap(index -> record.result());
    }

    /** Deletes only those of this location; other locations have backups of their own that follow from theirs. */
    private void deleteCheckpointsBefore(UUID vm, BackupRunSpec spec) {
        Set<String> there = backups().checkpoints(vm);
        spec.completed().stream()
                .map(BackupRunSpec.Completed::uid)
                .filter(there::contains)
                .forEach(earlier -> backups().deleteCheckpoint(vm, earlier));
    }

    /** While a run is listed in a store, no pack of the VM is removed there: so a store that is away is asked again. */
    private void removeFiles(BackupRunRecord record) throws IOException {
        if (!isRemoved(record)) {
            records.saveLeft(record);
        }
    }

    private boolean isRemoved(BackupRunRecord record) throws IOException {
        return asking(record, Optional.empty(), "to remove its files", store -> isRemoved(store, record))
                .isPresent();
    }

    private static boolean isRemoved(BackupStore store, BackupRunRecord record) throws BackupStoreException {
        try {
            store.removeFiles(record.id());
        } catch (BackupStoreException e) {
            if (e.fault() != StoreFault.COMMITTED) {
                throw e;
            }
            // It was committed just before its store went away: it goes with its VMBackup.
            LOG.warn("VM {}: {}", record.vm(), e.getMessage());
        }
        return true;
    }

    /** Whether no store has anything of ended runs of the VM that are no backup. The first that cannot be asked is enough. */
    boolean isLeftNothing(UUID vm) {
        return records.left().stream().filter(record -> record.vm().equals(vm)).allMatch(this::isRemovedNow);
    }

    private boolean isRemovedNow(BackupRunRecord record) {
        try {
            if (isRemoved(record)) {
                records.forgetLeft(record.run());
                return true;
            }
        } catch (IOException e) {
            LOG.info("VM {}: the next agent removes the files of backup {}", record.vm(), record.run());
        }
        return false;
    }

    private interface Question<T> {
        T ask(BackupStore store) throws BackupStoreException;
    }

    /** Empty if the store is away, or does not answer. */
    private <T> Optional<T> asking(
            BackupRunRecord record, Optional<BackupRunSpec> spec, String what, Question<T> question)
            throws IOException {
        Instant deadline = clock.instant().plus(STORE_TIMEOUT);
        try {
            BackupStore store = stores.open(record, spec);
            return Optional.of(watched.run(
                    "ask-" + record.vm(),
                    () -> question.ask(store),
                    () -> clock.instant().isBefore(deadline) ? Optional.empty() : Optional.of(SILENT),
                    () -> {}));
        } catch (BackupStoreException e) {
            LOG.warn(
                    "VM {}: cannot ask the store of backup {} {}: {}", record.vm(), record.run(), what, e.getMessage());
            return Optional.empty();
        } catch (RefusedException e) {
            if (e.reason() == Reason.AgentRestarted) {
                // The next process asks.
                throw new IOException(e.getMessage(), e);
            }
            LOG.warn(
                    "VM {}: cannot ask the store of backup {} {}: {}", record.vm(), record.run(), what, e.getMessage());
            return Optional.empty();
        }
    }

    private static BackupRunStatus completed(BackupResult result) {
        return BackupRunStatusBuilder.builder()
                .phase(RunPhase.Completed)
                .progressPercent(WHOLE)
                .result(result)
                .build();
    }

    private static BackupRunStatus failed(Problem problem) {
        return BackupRunStatusBuilder.builder()
                .phase(RunPhase.Failed)
                .reason(problem.reason().name())
                .message(problem.message())
                .build();
    }

    private GuestBackups backups() {
        return hypervisor.backups();
    }
}
