package io.trustedlaunch.operator.metrics;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationStatus;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSchedule;
import io.trustedlaunch.api.backup.VMBackupScheduleStatusBuilder;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCatalogStatus;
import io.trustedlaunch.api.image.ImageCatalogStatus.InForce;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.incarnation.VMMigrationStatusBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Vms;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A cluster in which every metric of the operator has a value. */
public final class SampleCluster {
    static final Instant EXPIRATION = Instant.parse("2027-01-01T00:00:00Z");
    private static final String PEM = NodeCertificateAuthority.create(
                    "ca", new SecureRandom(), EXPIRATION.minus(Duration.ofDays(30)), Duration.ofDays(30))
            .certificatePem();

    final CachedObjects caches = new CachedObjects();
    long nanoTime;
    private final AgentLiveness liveness = new AgentLiveness(() -> nanoTime);
    boolean leads = true;

    public ClusterMetrics metrics(boolean escrows) {
        return new ClusterMetrics(
                () -> leads, caches, liveness, escrows, () -> Map.of("trusted-launch-ca", EXPIRATION));
    }

    public SampleCluster fill() {
        vm(Phase.Running, "host-a", 40, ready("True", Reason.Running), secureBoot("False", Reason.SecureBootOff));
        vm(Phase.Running, "host-a", 2500, ready("True", Reason.Running));
        vm(Phase.Halted, "host-a", 9000, ready("True", Reason.Halted));
        vm(Phase.Pending, null, null, ready("False", Reason.NoNodeFits));
        caches.add(Vms.vm(Vms.spec().build()));
        incarnation(1, "TpmNotResponding", VMIncarnationStatus.Phase.Running, null);
        incarnation(2, "made up by a node", VMIncarnationStatus.Phase.Running, "escrow");
        incarnation(3, null, VMIncarnationStatus.Phase.Stopped, null);
        migration("open", VMMigrationStatus.Phase.Migrating);
        migration("done", VMMigrationStatus.Phase.Succeeded);
        backups();
        node("host-a");
        location();
        backupLocation();
        catalog();
        liveness.seen("node-host-a", "1");
        nanoTime += Duration.ofSeconds(15).toNanos();
        return this;
    }

    void vm(Phase phase, String node, Integer lag, Condition... conditions) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .phase(phase)
                .nodeName(node)
                .guestState(
                        lag == null
                                ? null
                                : TrustedLaunchVMStatusGuestStateBuilder.builder()
                                        .lagMilliseconds(lag.longValue())
                                        .lastWatched(phase == Phase.Halted ? new GuestStateVersion(1L, 2L) : null)
                                        .build())
                .conditions(List.of(conditions))
                .build());
        caches.add(vm);
    }

    static Condition ready(String status, Reason reason) {
        return condition(ConditionType.Ready, status, reason);
    }

    private static Condition secureBoot(String status, Reason reason) {
        return condition(ConditionType.SecureBoot, status, reason);
    }

    private static Condition condition(ConditionType type, String status, Reason reason) {
        return new ConditionBuilder()
                .withType(type.name())
                .withStatus(status)
                .withReason(reason.name())
                .build();
    }

    private void incarnation(long epoch, String reason, VMIncarnationStatus.Phase phase, String escrow) {
        caches.add(Incarnations.incarnation(
                Incarnations.spec(epoch).escrow(escrow).build(),
                VMIncarnationStatusBuilder.builder().phase(phase).reason(reason).build()));
    }

    private void backups() {
        for (String verified : List.of("True", "False")) {
            VMBackup backup = new VMBackup();
            backup.setStatus(VMBackupStatusBuilder.builder()
                    .phase(VMBackupStatus.Phase.Completed)
                    .conditions(List.of(condition(
                            ConditionType.Verified,
                            verified,
                            verified.equals("True") ? Reason.BackupVerified : Reason.BackupDamaged)))
                    .build());
            caches.add(backup);
        }
        caches.add(new VMBackup());
        ended(Vms.NAME, VMBackupStatus.Phase.Failed, "2026-11-02T02:00:00Z");
        ended(Vms.NAME, VMBackupStatus.Phase.Completed, "2026-11-01T02:00:00Z");
        ended("deleted", VMBackupStatus.Phase.Failed, "2026-11-02T02:00:00Z");
        VMBackupSchedule schedule = new VMBackupSchedule();
        schedule.setStatus(VMBackupScheduleStatusBuilder.builder()
                .missed(3L)
                .conditions(List.of(condition(ConditionType.BackupOverdue, "True", Reason.BackupsOverdue)))
                .build());
        caches.add(schedule);
        caches.add(new VMBackupSchedule());
    }

    private void ended(String vm, VMBackupStatus.Phase phase, String time) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder().withNamespace(Vms.NAMESPACE).build());
        backup.setSpec(new VMBackupSpec(new ObjectRef(vm), new ObjectRef("nas"), BackupMode.Auto));
        backup.setStatus(VMBackupStatusBuilder.builder()
                .phase(phase)
                .completionTime(time)
                .build());
        caches.add(backup);
    }

    private void migration(String name, VMMigrationStatus.Phase phase) {
        VMMigration migration = Vms.migration(name, null);
        migration.setStatus(VMMigrationStatusBuilder.builder().phase(phase).build());
        caches.add(migration);
    }

    void node(String name) {
        ClusterNode node = new ClusterNode();
        node.setMetadata(named(name));
        node.setStatus(Nodes.status()
                .sealingCertificate(PEM)
                .conditions(List.of(
                        ready("True", Reason.NodeReady),
                        Nodes.ENROLLED,
                        condition(ConditionType.Drained, "False", Reason.Draining)))
                .storageLocations(List.of(Nodes.location("made-up-by-the-node").build()))
                .build());
        caches.add(node);
    }

    private void location() {
        StorageLocation location = new StorageLocation();
        location.setMetadata(named("default"));
        location.setStatus(new StorageLocationStatus(
                1L,
                List.of(
                        new StorageLocationStatus.Node("host-a", true, null, null, new Quantity("4Ki")),
                        new StorageLocationStatus.Node("host-b", false, "LocationMissing", "it is not there", null)),
                null,
                null));
        caches.add(location);
    }

    private void backupLocation() {
        BackupLocation location = new BackupLocation();
        location.setMetadata(named("nas"));
        location.setStatus(
                new BackupLocationStatus(1L, null, null, List.of(), List.of(ready("False", Reason.MarkerMissing))));
        caches.add(location);
    }

    private void catalog() {
        ImageCatalog catalog = new ImageCatalog();
        catalog.setMetadata(named("vendor"));
        catalog.setStatus(new ImageCatalogStatus(
                1L, new InForce(7L, 3, EXPIRATION.toString(), "key"), List.of(ready("True", Reason.CatalogInForce))));
        caches.add(catalog);
    }

    private static ObjectMeta named(String name) {
        return new ObjectMetaBuilder().withName(name).build();
    }
}
