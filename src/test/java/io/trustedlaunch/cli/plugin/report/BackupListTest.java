package io.trustedlaunch.cli.plugin.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResult.Type;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackupListTest {
    private static final VMBackup COMPLETED = backup("monday", "2026-01-05T00:00:00Z", Phase.Completed);
    private static final VMBackup RUNNING = backup("tuesday", "2026-01-06T00:00:00Z", Phase.Running);
    private static final VMBackup NEW = backup("alpha", "2026-01-07T00:00:00Z", null);

    @Test
    void backupsAreListedInTheOrderOfTheirCreation() {
        assertThat(BackupList.table(List.of(NEW, RUNNING, COMPLETED), false).toString())
                .isEqualTo("""
                        NAME      VM        LOCATION   PHASE       TYPE   VERIFIED   SIZE     TIME                   REASON
                        monday    payroll   nas        Completed   Full   -          11.0Mi   2026-01-05T00:00:10Z   Tested
                        tuesday   payroll   nas        Running     -      -          -        -                      Tested
                        alpha     payroll   nas        -           -      -          -        -                      -
                        """);
    }

    @Test
    void thoseOfAllNamespacesHaveTheirNamespace() {
        assertThat(BackupList.table(List.of(COMPLETED), true).toString())
                .startsWith("NAMESPACE   NAME")
                .contains("\nfinance     monday");
    }

    @Test
    void withoutBackupsItSaysHowToMakeOne() {
        assertThat(BackupList.table(List.of(), false).toString()).contains("kubectl tlvm backup create");
    }

    @Test
    void aBackupEndsAsItsPhaseSays() {
        assertThat(BackupLine.progress(NEW).line()).isEqualTo("payroll: Pending");
        assertThat(BackupLine.progress(NEW).state()).isEqualTo(Progress.State.Ongoing);
        assertThat(BackupLine.progress(RUNNING).line()).isEqualTo("payroll: Running (said so)");
        assertThat(BackupLine.progress(RUNNING).percent()).hasValue(25);
        assertThat(BackupLine.progress(COMPLETED).state()).isEqualTo(Progress.State.Done);
        assertThat(BackupLine.progress(backup("x", "2026-01-05T00:00:00Z", Phase.Failed))
                        .state())
                .isEqualTo(Progress.State.Failed);
    }

    private static VMBackup backup(String name, String created, Phase phase) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName(name)
                .withCreationTimestamp(created)
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("nas"), BackupMode.Auto));
        backup.setStatus(phase == null ? null : status(phase));
        return backup;
    }

    private static VMBackupStatus status(Phase phase) {
        return VMBackupStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .progressPercent(25)
                .result(
                        phase == Phase.Completed
                                ? BackupResultBuilder.builder()
                                        .type(Type.Full)
                                        .stored(new Quantity("11Mi"))
                                        .time("2026-01-05T00:00:10Z")
                                        .build()
                                : null)
                .conditions(List.of(new ConditionBuilder()
                        .withType("Completed")
                        .withStatus("Unknown")
                        .withReason("Tested")
                        .withMessage("said so")
                        .build()))
                .build();
    }
}
