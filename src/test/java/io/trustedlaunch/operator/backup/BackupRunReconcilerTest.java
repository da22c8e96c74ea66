package io.trustedlaunch.operator.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.operator.kube.ApiReader;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BackupRunReconcilerTest {
    private final List<String> calls = new ArrayList<>();
    private Optional<VMBackup> onServer = Optional.empty();
    private final BackupRunReconciler reconciler = new BackupRunReconciler(
            Backups.OPERATOR, noting(ApiReader.class), noting(ResourceWriter.class), new FakeGrants());
    private final BackupRun run = Backups.run(Backups.progress(10));

    @Test
    void aRunStaysWhileItsBackupIsBeingMade() {
        reconciler.over(run, Optional.of(Backups.begun()));
        assertThat(calls).as("nothing is read").isEmpty();
    }

    @Test
    void aRunWhoseBackupIsNotWatchedYetStays() {
        onServer = Optional.of(Backups.begun());
        reconciler.over(run, Optional.empty());
        assertThat(calls).containsExactly("backup");
    }

    @Test
    void aRunWithoutItsBackupIsRemoved() {
        reconciler.over(run, Optional.empty());
        assertThat(calls).containsExactly("backup", "delete");
    }

    @Test
    void anotherBackupOfTheSameNameIsNotItsBackup() {
        onServer = Optional.of(Backups.backup("payroll-1", "00000000-0000-4000-8000-0000000000ff", Backups.CREATED));
        reconciler.over(run, onServer);
        assertThat(calls).containsExactly("backup", "delete");
    }

    @Test
    void aRunIsRemovedOnceTheResultIsOnRecord() {
        VMBackup ended = Backups.begun();
        ended.setStatus(VMBackupStatusBuilder.builder(ended.getStatus())
                .phase(VMBackupStatus.Phase.Completed)
                .completionTime(Backups.CREATED)
                .build());
        onServer = Optional.of(ended);
        reconciler.over(run, onServer);
        assertThat(calls).containsExactly("backup", "delete");
    }

    @Test
    void aRunThatFailedIsRemovedBeforeAnotherIsMade() {
        onServer = Optional.of(Backups.retried(1, Backups.CREATED));
        reconciler.over(run, onServer);
        assertThat(calls).containsExactly("backup", "delete");

        calls.clear();
        run.getMetadata().setUid("00000000-0000-4000-8000-0000000000b2");
        reconciler.over(run, onServer);
        assertThat(calls).as("that of the next attempt stays").isEmpty();
    }

    @Test
    void theDeletionOfABackupCancelsItsRun() {
        VMBackup deleted = Backups.begun();
        deleted.getMetadata().setDeletionTimestamp(Backups.CREATED);
        onServer = Optional.of(deleted);
        reconciler.over(run, onServer);
        assertThat(calls).containsExactly("backup", "delete");
    }

    private <T> T noting(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> {
                    calls.add(method.getName());
                    return method.getName().equals("backup") ? onServer : null;
                }));
    }
}
