package io.trustedlaunch.cli.plugin.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.Quiesce;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** No image of a disk that may be written to. */
class CaptureChecksTest {
    private static Condition condition(ConditionType type, String status, Reason reason) {
        return new ConditionBuilder()
                .withType(type.name())
                .withStatus(status)
                .withReason(reason.name())
                .withMessage("as the operator says")
                .build();
    }

    private static TrustedLaunchVM vm(UnaryOperator<TrustedLaunchVMStatusBuilder> change) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.setStatus(change.apply(TrustedLaunchVMStatusBuilder.builder()
                        .observedGeneration(1L)
                        .epoch(3L)
                        .conditions(List.of(condition(ConditionType.Running, "False", Reason.Halted))))
                .build());
        return vm;
    }

    private static TrustedLaunchVM vm(Condition... conditions) {
        return vm(status -> status.conditions(List.of(conditions)));
    }

    @Test
    void aVmThatIsOffGivesAnImage() {
        assertThat(CaptureChecks.obstacle(vm(condition(ConditionType.Running, "False", Reason.Halted))))
                .isEmpty();
        assertThat(CaptureChecks.obstacle(vm(
                        condition(ConditionType.Running, "False", Reason.Succeeded),
                        condition(ConditionType.KeyHeld, "True", Reason.KeyHeld))))
                .as("it has shut itself down, as sysprep does")
                .isEmpty();
    }

    @Test
    void aVmThatRunsOrMayRunGivesNone() {
        assertThat(CaptureChecks.obstacle(vm(condition(ConditionType.Running, "True", Reason.Running))))
                .hasValueSatisfying(why ->
                        assertThat(why).contains("finance/payroll runs", "kubectl tlvm stop payroll -n finance"));
        for (TrustedLaunchVM unproved : List.of(
                vm(),
                vm(condition(ConditionType.Running, "Unknown", Reason.AgentNotAlive)),
                vm(condition(ConditionType.Running, "False", Reason.Restarting)),
                vm(status -> status.observedGeneration(0L)))) {
            assertThat(CaptureChecks.obstacle(unproved))
                    .hasValueSatisfying(
                            why -> assertThat(why).contains("finance/payroll is not proved to be off", "stop"));
        }
    }

    @Test
    void aVmWithoutADiskOrAKeyGivesNone() {
        assertThat(CaptureChecks.obstacle(vm(status -> status.epoch(null))))
                .hasValueSatisfying(why -> assertThat(why).contains("has never run", "generalize"));
        assertThat(CaptureChecks.obstacle(Vms.vm(Vms.spec().build())))
                .hasValueSatisfying(why -> assertThat(why).contains("has never run"));
        assertThat(CaptureChecks.obstacle(vm(
                        condition(ConditionType.Running, "False", Reason.Halted),
                        condition(ConditionType.KeyHeld, "False", Reason.KeyMissing))))
                .hasValueSatisfying(why ->
                        assertThat(why).contains("finance/payroll has no protection key", "as the operator says"));
        TrustedLaunchVM deleted = vm(status -> status);
        deleted.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
        assertThat(CaptureChecks.obstacle(deleted))
                .hasValueSatisfying(why -> assertThat(why).contains("is being deleted", "--backup"));
    }

    private static VMBackup backup(Quiesce quiesce, UnaryOperator<VMBackupStatusBuilder> change) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName("monday")
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("nas"), BackupMode.Auto, quiesce));
        backup.setStatus(change.apply(VMBackupStatusBuilder.builder()
                        .phase(VMBackupStatus.Phase.Completed)
                        .result(BackupResultBuilder.builder().build()))
                .build());
        return backup;
    }

    private static void assertRefused(VMBackup backup, String... why) {
        assertThat(CaptureChecks.obstacle(backup, "payroll"))
                .hasValueSatisfying(said ->
                        assertThat(said).startsWith("VMBackup finance/monday ").contains(why));
    }

    @Test
    void aBackupOfAVmThatWasOffGivesAnImageAndNoOtherDoes() {
        assertThat(CaptureChecks.obstacle(backup(Quiesce.BestEffort, status -> status), "payroll"))
                .isEmpty();

        assertThat(CaptureChecks.obstacle(backup(Quiesce.BestEffort, status -> status), "crm"))
                .hasValueSatisfying(why -> assertThat(why).contains("is of VM payroll, not of crm"));
        assertRefused(
                backup(
                        Quiesce.BestEffort,
                        status -> status.phase(VMBackupStatus.Phase.Running)
                                .result(null)
                                .conditions(List.of(condition(ConditionType.Completed, "Unknown", Reason.BackingUp)))),
                "is not Completed (BackingUp: as the operator says)");
        assertRefused(
                backup(Quiesce.BestEffort, status -> status.phase(VMBackupStatus.Phase.Removing)), "is not Completed");
        for (boolean frozen : List.of(true, false)) {
            assertRefused(
                    backup(
                            Quiesce.BestEffort,
                            status -> status.result(BackupResultBuilder.builder()
                                    .quiesced(frozen)
                                    .build())),
                    "was made while its VM ran",
                    "--location");
        }
        assertRefused(backup(Quiesce.Never, status -> status), "does not say whether its VM was off", "Never");
        VMBackup imported = backup(Quiesce.BestEffort, status -> status);
        imported.getMetadata().setAnnotations(Map.of(Api.IMPORTED_BACKUP, "true"));
        assertRefused(imported, "was imported", "restore it");
    }
}
