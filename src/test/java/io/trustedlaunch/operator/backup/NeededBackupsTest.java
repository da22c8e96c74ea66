package io.trustedlaunch.operator.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.CloneSource;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RetainedVMRecordBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Fill;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusFillBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusRestoreBuilder;
import io.trustedlaunch.controller.ClusterTime;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Vms;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which backups stay for VMs that were started at once from one. */
class NeededBackupsTest {
    private static final String ORIGINAL = "77777777-2222-4333-8444-555555555555";
    private static final RecordedBackup MONDAY =
            new RecordedBackup("monday", "11111111-2222-4333-8444-555555555555", "ab".repeat(32));
    private static final BackupRunSpec.Location NAS = BackupLocations.ref("nas", "/backups");
    private static final Fill FILL = TrustedLaunchVMStatusFillBuilder.builder()
            .uid("22222222-2222-4333-8444-555555555555")
            .backup(MONDAY)
            .backupOf(ORIGINAL)
            .location(NAS)
            .build();
    private static final BackupLocation LOCATION =
            BackupLocations.named("nas", BackupLocations.folder("/backups", List.of()));

    private static TrustedLaunchVM vm(UnaryOperator<TrustedLaunchVMStatusBuilder> change) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.setStatus(change.apply(TrustedLaunchVMStatusBuilder.builder()).build());
        return vm;
    }

    private static VMBackup backup(UnaryOperator<VMBackupStatusBuilder> change) {
        VMBackup backup = Backups.backup("tuesday", Backups.UID, Backups.CREATED);
        backup.setStatus(change.apply(VMBackupStatusBuilder.builder()
                        .phase(VMBackupStatus.Phase.Removing)
                        .vmUID(ORIGINAL)
                        .locationID(NAS.id()))
                .build());
        return backup;
    }

    private static Optional<Problem> problem(VMBackup backup, TrustedLaunchVM... vms) {
        return NeededBackups.problem(backup, Optional.of(LOCATION), NeededBackups.of(List.of(vms), Stream.empty()));
    }

    /** It may be the one that made a pack. */
    @Test
    void eachBackupOfTheSameVmInTheSameLocationStays() {
        TrustedLaunchVM vm = vm(status -> status.diskFill(FILL));
        assertThat(problem(backup(status -> status), vm)).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.BackupNeeded);
            assertThat(problem.message()).contains("VM " + Vms.NAME, "VMBackup monday");
        });
        assertThat(problem(backup(status -> status.locationID("another")), vm))
                .as("the marker was written anew")
                .isPresent();
        assertThat(problem(backup(status -> status.vmUID(Vms.UID)), vm)).isEmpty();
        assertThat(NeededBackups.problem(
                        backup(status -> status.locationID("another")),
                        Optional.of(BackupLocations.named("nas", BackupLocations.folder("/other", List.of()))),
                        NeededBackups.of(List.of(vm), Stream.empty())))
                .isEmpty();
        assertThat(problem(backup(status -> status), vm(status -> status))).isEmpty();
    }

    @Test
    void aRestoreAtOnceThatHasBegunNeedsThemToo() {
        TrustedLaunchVMStatusRestoreBuilder restore = TrustedLaunchVMStatusRestoreBuilder.builder()
                .backup(MONDAY)
                .location(NAS)
                .copyOf(new CloneSource(ORIGINAL, null))
                .startAtOnce(true);
        assertThat(problem(backup(status -> status), vm(status -> status.restore(restore.build()))))
                .isPresent();
        restore.outcome(RestoreOutcome.Failed);
        assertThat(problem(backup(status -> status), vm(status -> status.restore(restore.build()))))
                .isEmpty();
        restore.outcome(null).startAtOnce(null);
        assertThat(problem(backup(status -> status), vm(status -> status.restore(restore.build()))))
                .isEmpty();
    }

    @Test
    void aVmOfAnotherNamespaceIsNotNamed() {
        TrustedLaunchVM vm = vm(status -> status.diskFill(FILL));
        vm.getMetadata().setNamespace("elsewhere");
        assertThat(problem(backup(status -> status), vm))
                .hasValueSatisfying(problem -> assertThat(problem.message())
                        .contains("another namespace")
                        .doesNotContain(Vms.NAME));
    }

    /** From its deletion until another one has its record; its Secret names that one before. */
    @Test
    void aRetainedVmNeedsThemUntilItIsTakenOver() {
        assertThat(problem(backup(status -> status), kept("")))
                .map(Problem::message)
                .hasValueSatisfying(message -> assertThat(message)
                        .contains("retained VM former", "spec.restoreFrom.retainedVM.uid: " + ORIGINAL));
        TrustedLaunchVM heir = vm(status -> status);
        Secret claimed = kept(heir.getMetadata().getUid());
        assertThat(problem(backup(status -> status), claimed, heir)).isPresent();
        assertThat(problem(backup(status -> status), claimed)).as("it is gone").isPresent();
        assertThat(problem(backup(status -> status), claimed, vm(status -> status.epoch(3L))))
                .as("its disks are whole")
                .isEmpty();
    }

    private static Optional<Problem> problem(VMBackup backup, Secret key, TrustedLaunchVM... vms) {
        return NeededBackups.problem(backup, Optional.of(LOCATION), NeededBackups.of(List.of(vms), Stream.of(key)));
    }

    private static Secret kept(String holder) {
        String record = RetainedVMRecordBuilder.builder()
                .namespace(Vms.NAMESPACE)
                .name("former")
                .uid(ORIGINAL)
                .epoch(3L)
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .home(new Home("default", "host-a", 3L, true, null))
                        .build())
                .osDisk(new OsDisk(new Quantity("10Gi")))
                .diskFill(FILL)
                .build()
                .toJson();
        return new SecretBuilder()
                .withNewMetadata()
                .withName(ORIGINAL)
                .withAnnotations(Map.of(Api.RETAINED_VM, record, Api.TAKEN_OVER_BY, holder))
                .endMetadata()
                .build();
    }

    /** The place that all removals pass; caches may be late. */
    @Test
    void beforeFilesGoTheApiServerIsAskedForVmsThatNeedThem() {
        TrustedLaunchVM vm = vm(status -> status.diskFill(FILL));
        List<Secret> keys = new ArrayList<>();
        RemovalGuard guard = new RemovalGuard(
                "operators",
                (ApiReader) Proxy.newProxyInstance(
                        ApiReader.class.getClassLoader(),
                        new Class<?>[] {ApiReader.class},
                        (proxy, method, given) -> switch (method.getName()) {
                            case "backupLocations" ->
                                List.of(BackupLocations.named(
                                        Backups.LOCATION, BackupLocations.folder("/backups", List.of())));
                            case "vms" -> List.of(vm);
                            case "protectionKeys" -> keys;
                            default -> throw new UnsupportedOperationException(method.getName());
                        }),
                () -> new ClusterTime(Backups.NOW, Optional.of(Backups.NOW)));
        assertThat(guard.problem(backup(status -> status)).map(Problem::reason)).contains(Reason.BackupNeeded);
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder().build());
        assertThat(guard.problem(backup(status -> status))).isEmpty();
        keys.add(kept(""));
        assertThat(guard.problem(backup(status -> status)).map(Problem::reason)).contains(Reason.BackupNeeded);
    }
}
