package io.trustedlaunch.operator.storedbackup;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.Action;
import io.trustedlaunch.api.backup.StoredBackupRunSpecBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.operator.kube.ApiReader;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StoredBackupRunReconcilerTest {
    private static final String VM = "00000000-0000-4000-8000-000000000001";
    private static final String UID = "00000000-0000-4000-8000-000000000002";
    private static final String TIME = "2026-01-01T00:00:00Z";

    private final List<String> calls = new ArrayList<>();
    private final VMBackup backup = new VMBackup();
    private Optional<VMBackup> onServer = Optional.of(backup);
    private final StoredBackupRunReconciler reconciler = new StoredBackupRunReconciler(
            "trusted-launch-system", noting(ApiReader.class), noting(ResourceWriter.class));

    StoredBackupRunReconcilerTest() {
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName("payroll-1")
                .withUid(UID)
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("nas"), BackupMode.Auto));
        backup.setStatus(VMBackupStatusBuilder.builder()
                .phase(VMBackupStatus.Phase.Completed)
                .vmUID(VM)
                .backupUID(UID)
                .completionTime(TIME)
                .result(BackupResultBuilder.builder().time(TIME).build())
                .build());
    }

    private static StoredBackupRun run(Action action) {
        StoredBackupRun run = new StoredBackupRun();
        run.setMetadata(new ObjectMetaBuilder()
                .withName(StoredBackupRun.nameOf(UID, action))
                .build());
        run.setSpec(StoredBackupRunSpecBuilder.builder()
                .action(action)
                .vmRef(new BackupRunSpec.Vm("finance", "payroll", VM))
                .backupRef(new BackupRunSpec.Backup("payroll-1", UID))
                .backupUID(UID)
                .build());
        return run;
    }

    private void request(Action action) {
        backup.getMetadata()
                .setAnnotations(Map.of(
                        switch (action) {
                            case Remove -> Api.REMOVE_BACKUP;
                            case Verify -> Api.VERIFY_BACKUP;
                        },
                        "true"));
    }

    @ParameterizedTest
    @EnumSource
    void aRunStaysWhileWhatItDoesIsRequested(Action action) {
        reconciler.over(run(action), onServer);
        assertThat(calls).as("not requested").containsExactly("backup", "delete");
        request(action);
        calls.clear();
        reconciler.over(run(action), onServer);
        assertThat(calls).as("nothing is read").isEmpty();
        reconciler.over(run(action), Optional.empty());
        assertThat(calls).as("not watched yet").containsExactly("backup");
    }

    @Test
    void aRemovalEndsAVerification() {
        request(Action.Verify);
        backup.setStatus(VMBackupStatusBuilder.builder(backup.getStatus())
                .phase(VMBackupStatus.Phase.Removing)
                .build());
        reconciler.over(run(Action.Verify), onServer);
        assertThat(calls).containsExactly("backup", "delete");
    }

    @ParameterizedTest
    @EnumSource
    void aRunWithoutItsBackupIsRemoved(Action action) {
        request(action);
        backup.getMetadata().setDeletionTimestamp(TIME);
        reconciler.over(run(action), onServer);
        assertThat(calls).as("deleted").containsExactly("backup", "delete");
        backup.getMetadata().setDeletionTimestamp(null);
        backup.getMetadata().setUid("another");
        calls.clear();
        reconciler.over(run(action), onServer);
        assertThat(calls).as("another of its name").containsExactly("backup", "delete");
        onServer = Optional.empty();
        calls.clear();
        reconciler.over(run(action), Optional.empty());
        assertThat(calls).as("gone").containsExactly("backup", "delete");
    }

    private <T> T noting(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> {
                    calls.add(method.getName());
                    return method.getName().equals("backup") ? onServer : null;
                }));
    }
}
