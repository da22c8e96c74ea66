package io.trustedlaunch.operator.backup;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupResult.Type;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunSpecBuilder;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.backup.Quiesce;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A backup of a VM that runs on host-a with epoch 3, and what belongs to it; a test changes by name what it is about. */
final class Backups {
    static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    static final String CREATED = "2026-01-01T11:59:00Z";
    static final String OPERATOR = "trusted-launch-system";
    static final String LOCATION = "nas";
    static final String UID = "00000000-0000-4000-8000-00000000000a";
    static final String RUN_UID = "00000000-0000-4000-8000-00000000000b";
    static final String BASE = "00000000-0000-4000-8000-000000000001";
    static final long EPOCH = 3;
    static final String NODE = "host-a";
    static final String DIGEST = "ab".repeat(32);

    private Backups() {}

    /** With which it begins. */
    static BackupFactsBuilder facts() {
        return BackupFactsBuilder.builder()
                .namespace(OPERATOR)
                .backup(backup("payroll-1", UID, CREATED))
                .vm(Optional.of(vm(status -> status)))
                .incarnation(Optional.empty())
                .locations(Map.of(LOCATION, location(List.of())))
                .run(Optional.empty())
                .others(List.of())
                .made(List.of())
                .otherRuns(List.of())
                .now(NOW)
                .latest(NOW);
    }

    /** That is tried again for six hours. */
    static VMBackup within(VMBackup backup) {
        VMBackupSpec spec = backup.getSpec();
        backup.setSpec(new VMBackupSpec(spec.vmRef(), spec.locationRef(), spec.mode(), spec.quiesce(), "6h"));
        return backup;
    }

    /** After attempts that have failed, the last one at CREATED. */
    static VMBackup retried(int failed, String nextTime) {
        VMBackup backup = within(backup("payroll-1", UID, CREATED));
        backup.setStatus(VMBackupStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(VMBackupStatus.Phase.Pending)
                .vmUID(Vms.UID)
                .retry(new VMBackupStatus.Retry(failed, RUN_UID, nextTime, "GuestNotHere", "node host-a gave it up"))
                .startTime(CREATED)
                .build());
        return backup;
    }

    /** Begun, and its run is there with what the agent reports. */
    static BackupFactsBuilder running(BackupRunStatus reported) {
        return facts().backup(begun())
                .run(Optional.of(run(reported)))
                .incarnation(Optional.of(incarnation(VMIncarnationStatus.Phase.Running)));
    }

    static VMBackup begun() {
        VMBackup backup = backup("payroll-1", UID, CREATED);
        backup.setStatus(VMBackupStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(VMBackupStatus.Phase.Running)
                .vmUID(Vms.UID)
                .backupUID(RUN_UID)
                .locationID(BackupLocations.ID.toString())
                .nodeName(NODE)
                .progressPercent(0)
                .startTime(CREATED)
                .build());
        return backup;
    }

    static VMBackup backup(String name, String uid, String created) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace(Vms.NAMESPACE)
                .withName(name)
                .withUid(uid)
                .withResourceVersion("1")
                .withGeneration(1L)
                .withCreationTimestamp(created)
                .build());
        backup.setSpec(
                new VMBackupSpec(new ObjectRef(Vms.NAME), new ObjectRef(LOCATION), BackupMode.Auto, Quiesce.Never));
        return backup;
    }

    static VMBackup completed(String uid, String time) {
        VMBackup backup = backup("backup-" + uid, "of-" + uid, time);
        backup.setStatus(VMBackupStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(VMBackupStatus.Phase.Completed)
                .vmUID(Vms.UID)
                .backupUID(uid)
                .locationID(BackupLocations.ID.toString())
                .nodeName(NODE)
                .startTime(time)
                .completionTime(time)
                .result(BackupResultBuilder.builder(full()).time(time).build())
                .build());
        return backup;
    }

    static TrustedLaunchVM vm(UnaryOperator<TrustedLaunchVMStatusBuilder> change) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.setStatus(change.apply(TrustedLaunchVMStatusBuilder.builder()
                        .observedGeneration(1L)
                        .phase(TrustedLaunchVMStatus.Phase.Running)
                        .nodeName(NODE)
                        .epoch(EPOCH)
                        .conditions(List.of(new ConditionBuilder()
                                .withType("Running")
                                .withStatus("True")
                                .build())))
                .build());
        return vm;
    }

    /** Of a VM that is off. */
    static final GuestStateVersion STOPPED = new GuestStateVersion(EPOCH, 9L);

    static TrustedLaunchVM off(UnaryOperator<TrustedLaunchVMStatusBuilder> change) {
        return vm(status -> change.apply(status.phase(TrustedLaunchVMStatus.Phase.Halted)
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .newest(STOPPED)
                        .floor(STOPPED)
                        .home(new TrustedLaunchVMStatus.Home("default", NODE, EPOCH, true, Incarnations.CLUSTER))
                        .build())
                .conditions(List.of(new ConditionBuilder()
                        .withType("Running")
                        .withStatus("False")
                        .withReason("Halted")
                        .withLastTransitionTime(CREATED)
                        .build()))));
    }

    static final BackupLocationSpec.S3 BUCKET = BackupLocationSpecS3Builder.builder()
            .endpoint("https://s3.example:9000")
            .bucket("vms")
            .prefix("lab")
            .secretRef(new ObjectRef("s3"))
            .build();

    static BackupLocation location(List<String> allowedNamespaces) {
        return BackupLocations.foundOn(
                BackupLocations.named(LOCATION, BackupLocations.folder("/backups", allowedNamespaces)), NODE, "host-b");
    }

    static BackupRun run(BackupRunStatus reported) {
        return run(reported, spec -> spec);
    }

    static BackupRun run(BackupRunStatus reported, UnaryOperator<BackupRunSpecBuilder> change) {
        BackupRun run = new BackupRun();
        run.setMetadata(new ObjectMetaBuilder()
                .withNamespace(OPERATOR)
                .withName(UID)
                .withUid(RUN_UID)
                .withResourceVersion("1")
                .withCreationTimestamp(CREATED)
                .build());
        run.setSpec(change.apply(BackupRunSpecBuilder.builder()
                        .nodeName(NODE)
                        .vmRef(new BackupRunSpec.Vm(Vms.NAMESPACE, Vms.NAME, Vms.UID))
                        .backupRef(new BackupRunSpec.Backup("payroll-1", UID))
                        .epoch(EPOCH)
                        .location(BackupLocations.ref(LOCATION, "/backups"))
                        .mode(BackupMode.Auto)
                        .completed(List.of(new BackupRunSpec.Completed(BASE, DIGEST, "2025-12-31T00:00:00Z"))))
                .build());
        run.setStatus(reported);
        return run;
    }

    static VMIncarnation incarnation(VMIncarnationStatus.Phase phase) {
        return Incarnations.incarnation(
                Incarnations.spec(EPOCH).build(), Incarnations.status(phase).build());
    }

    static BackupResult full() {
        return BackupResultBuilder.builder()
                .indexSHA256(DIGEST)
                .type(Type.Full)
                .fullReason("FirstBackup")
                .guestState(new GuestStateVersion(EPOCH, 7L))
                .time("2026-01-01T11:59:30Z")
                .changed(new Quantity("10Mi"))
                .stored(new Quantity("11534336"))
                .pauseMilliseconds(0L)
                .build();
    }

    static BackupResult incremental() {
        return BackupResultBuilder.builder(full())
                .type(Type.Incremental)
                .fullReason(null)
                .baseUID(BASE)
                .build();
    }

    static BackupRunStatus reports(BackupResult result) {
        return new BackupRunStatus(RunPhase.Completed, 100, result, null, null);
    }

    static BackupRunStatus progress(Integer percent) {
        return new BackupRunStatus(RunPhase.Running, percent, null, null, null);
    }
}
