package io.trustedlaunch.operator.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.quota.VMQuota;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RecordedDisk;
import io.trustedlaunch.api.vm.RetainedVMRecordBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Charge;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusMigrationBuilder;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Quotas;
import io.trustedlaunch.testkit.Vms;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the status of a quota shows. */
class NamespaceUseTest {
    @Test
    void aVmCountsByItsRecordAndNotByItsSpec() {
        TrustedLaunchVM started = vm("started", new Charge(4, new Quantity("8Gi"), new Quantity("20Gi"), null));
        TrustedLaunchVM off = vm("off", new Charge(null, null, new Quantity("10Gi"), new Quantity("30Gi")));
        TrustedLaunchVM applied = vm("applied", null);

        assertThat(use(List.of(started, off, applied), List.of(), List.of()))
                .isEqualTo(UseBuilder.builder()
                        .vms(2)
                        .cores(4)
                        .memory(8L << 30)
                        .storage(60L << 30)
                        .build());
    }

    @Test
    void theFilesOfARetainedVmCountUntilAVmThatHasTakenThemOverCounts() {
        Secret key = retained(Vms.UID);
        assertThat(use(List.of(), List.of(), List.of(key)).storage()).isEqualTo(37L << 30);

        TrustedLaunchVM next = vm("next", null);
        next.getMetadata().setUid(Vms.UID);
        assertThat(use(List.of(next), List.of(), List.of(key)).storage()).isEqualTo(37L << 30);
        next.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .charged(new Charge(null, null, new Quantity("30Gi"), new Quantity("7Gi")))
                .build());
        assertThat(use(List.of(next), List.of(), List.of(key)).storage()).isEqualTo(37L << 30);
        assertThat(use(List.of(next), List.of(), List.of(key)).vms()).isEqualTo(1);
    }

    @Test
    void migrationsOfDrainsDoNotCount() {
        TrustedLaunchVM vm = vm(Vms.NAME, new Charge(2, new Quantity("1Gi"), new Quantity("10Gi"), null));
        VMMigration migration = Vms.migration("move", null);
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder(vm.getStatus())
                .migration(TrustedLaunchVMStatusMigrationBuilder.builder()
                        .name("move")
                        .uid(migration.getMetadata().getUid())
                        .epoch(2L)
                        .build())
                .build());
        assertThat(use(List.of(vm), List.of(migration), List.of()).migrations()).isEqualTo(1);
        assertThat(use(List.of(vm), List.of(), List.of()).migrations())
                .as("its object was deleted")
                .isEqualTo(1);
        migration.getMetadata().setLabels(Map.of(Api.LABEL_DRAIN, "host-a"));
        assertThat(use(List.of(vm), List.of(migration), List.of()).migrations()).isZero();
    }

    @Test
    void backupsCountThatHaveBegunAndHaveNotFailed() {
        List<VMBackup> backups = List.of(
                backup(null, VMBackupStatus.Phase.Pending),
                backup("1", VMBackupStatus.Phase.Running),
                backup("2", VMBackupStatus.Phase.Completed),
                backup("3", VMBackupStatus.Phase.Removing),
                backup("4", VMBackupStatus.Phase.Failed));
        assertThat(new NamespaceUse(List.of(), List.of(), new OwnerlessFiles(List.of(), List.of()), backups)
                        .sum()
                        .backups())
                .isEqualTo(3);
    }

    @Test
    void aQuotaShowsUseAndLimit() {
        VMQuota quota = Quotas.quota("team", hard -> hard.vms(3L).memory(new Quantity("16Gi")));
        var status = QuotaStatus.of(
                quota, UseBuilder.builder().vms(5).cores(7).memory(8L << 30).build(), Instant.EPOCH);
        assertThat(status.summary().vms()).isEqualTo("5/3");
        assertThat(status.summary().memory()).isEqualTo("8Gi/16Gi");
        assertThat(status.summary().cores()).isEqualTo("7");
        assertThat(status.used().cores()).isEqualTo(7);
        assertThat(status.hard()).isEqualTo(quota.getSpec().hard());
    }

    @Test
    void theDefaultIsReadFromItsConfiguration() {
        assertThat(DefaultQuota.parse(Map.of())).isEqualTo(Optional.empty());
        assertThat(DefaultQuota.parse(Map.of("cores", "8", "memory", "64Gi")).orElseThrow())
                .satisfies(hard -> assertThat(hard.cores()).isEqualTo(8))
                .satisfies(hard -> assertThat(hard.memory()).isEqualTo(new Quantity("64Gi")))
                .satisfies(hard -> assertThat(hard.vms()).isNull());
        assertThatThrownBy(() -> DefaultQuota.parse(Map.of("pods", "1"))).hasMessageContaining("pods is none of vms");
        assertThatThrownBy(() -> DefaultQuota.parse(Map.of("vms", "-1"))).hasMessageContaining("vms is no number: -1");
        assertThatThrownBy(() -> DefaultQuota.parse(Map.of("memory", "1e3"))).hasMessageContaining("64Gi: 1e3");
    }

    /** Its node could not be reached. */
    @Test
    void theFilesOfADeletedVmCountUntilItsAgentHasRemovedThem() {
        VMIncarnation left = Incarnations.incarnation(
                Incarnations.spec(3).desiredState(DesiredState.Erased).build(), null);
        assertThat(LeftFiles.namespace(left)).contains(Vms.NAMESPACE);
        long disks = VmCharge.disks(left.getSpec().machine());
        assertThat(disks).isPositive();
        assertThat(new NamespaceUse(List.of(), List.of(), new OwnerlessFiles(List.of(), List.of(left, left)), List.of())
                        .sum())
                .isEqualTo(UseBuilder.builder().storage(disks).build());
        TrustedLaunchVM owner = vm(Vms.NAME, new Charge(null, null, new Quantity("10Gi"), null));
        owner.getMetadata().setUid(left.getSpec().vmRef().uid());
        assertThat(new NamespaceUse(List.of(owner), List.of(), new OwnerlessFiles(List.of(), List.of(left)), List.of())
                        .sum()
                        .storage())
                .as("a VM that is there counts for them itself")
                .isEqualTo(10L << 30);

        left.setStatus(Incarnations.reported(Phase.Erased).build());
        assertThat(LeftFiles.namespace(left)).isEmpty();
        assertThat(LeftFiles.namespace(Incarnations.incarnation(
                        Incarnations.spec(3).desiredState(DesiredState.Running).build(), null)))
                .isEmpty();
    }

    private static Use use(List<TrustedLaunchVM> vms, List<VMMigration> migrations, List<Secret> retained) {
        return new NamespaceUse(vms, migrations, new OwnerlessFiles(retained, List.of()), List.of()).sum();
    }

    private static TrustedLaunchVM vm(String name, Charge charge) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.getMetadata().setName(name);
        vm.getMetadata().setUid("uid-of-" + name);
        TrustedLaunchVMStatus status =
                TrustedLaunchVMStatusBuilder.builder().charged(charge).build();
        vm.setStatus(status);
        return vm;
    }

    private static Secret retained(String uid) {
        String record = RetainedVMRecordBuilder.builder()
                .namespace(Vms.NAMESPACE)
                .name("former")
                .uid(uid)
                .epoch(3L)
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .home(new TrustedLaunchVMStatus.Home("default", "host-a", 3L, true, null))
                        .build())
                .osDisk(new OsDisk(new Quantity("10Gi")))
                .dataDisks(List.of(new RecordedDisk("data", new Quantity("20Gi"))))
                .setAside(new Quantity("7Gi"))
                .build()
                .toJson();
        return new SecretBuilder()
                .withNewMetadata()
                .withName(uid)
                .withAnnotations(Map.of(Api.RETAINED_VM, record))
                .endMetadata()
                .build();
    }

    private static VMBackup backup(String uid, VMBackupStatus.Phase phase) {
        VMBackup backup = new VMBackup();
        backup.setStatus(
                VMBackupStatusBuilder.builder().backupUID(uid).phase(phase).build());
        return backup;
    }
}
