package io.trustedlaunch.operator.backup;

import static io.trustedlaunch.operator.backup.Backups.facts;
import static io.trustedlaunch.operator.backup.Backups.full;
import static io.trustedlaunch.operator.backup.Backups.incremental;
import static io.trustedlaunch.operator.backup.Backups.progress;
import static io.trustedlaunch.operator.backup.Backups.reports;
import static io.trustedlaunch.operator.backup.Backups.running;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.backup.Quiesce;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.testkit.Vms;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class BackupStatusTest {
    @Test
    void itSaysWhatItWaitsFor() {
        VMBackupStatus status = of(facts().vm(Optional.empty()));
        assertCondition(status, "Unknown", Reason.BackupPending, "payroll");
        assertThat(status.phase()).isEqualTo(Phase.Pending);
        assertThat(status.observedGeneration()).isEqualTo(1);
        assertThat(status.startTime()).isNull();
    }

    @Test
    void nothingIsWrittenBeforeItBegins() {
        assertThat(BackupPlanner.plan(facts().build())).isInstanceOf(BackupStep.Begin.class);
    }

    @Test
    void aRunGoesOnRecordWithTheUidThatNamesItsFolder() {
        VMBackupStatus status = of(running(null).backup(Backups.backup("payroll-1", Backups.UID, Backups.CREATED)));
        assertThat(status.phase()).isEqualTo(Phase.Running);
        assertThat(status.vmUID()).isEqualTo(Vms.UID);
        assertThat(status.backupUID()).isEqualTo(Backups.RUN_UID);
        assertThat(status.nodeName()).isEqualTo("host-a");
        assertThat(status.startTime()).isEqualTo(Backups.NOW.toString());
        assertThat(status.completionTime()).isNull();
        assertCondition(status, "Unknown", Reason.BackingUp, "node host-a is making the backup");
    }

    @Test
    void aCompletedOneHasItsResult() {
        VMBackupStatus status = of(running(reports(full())));
        assertThat(status.phase()).isEqualTo(Phase.Completed);
        assertThat(status.result().indexSHA256()).isEqualTo(Backups.DIGEST);
        assertThat(status.progressPercent()).isEqualTo(100);
        assertThat(status.startTime()).isEqualTo(Backups.CREATED);
        assertThat(status.completionTime()).isEqualTo(Backups.NOW.toString());
        assertThat(status.duration()).isEqualTo("1m");
        assertCondition(
                status,
                "True",
                Reason.BackupCompleted,
                "BackupLocation nas; its disks were read in full (FirstBackup)");
        assertCondition(
                of(running(reports(incremental()))),
                "True",
                Reason.BackupCompleted,
                "what had changed since backup " + Backups.BASE + " was read");
    }

    @Test
    void whetherTheGuestWasQuiescedIsACondition() {
        assertThat(of(running(reports(full()))).conditions())
                .noneMatch(condition -> condition.getType().equals(ConditionType.Quiesced.name()));
        Condition frozen = quiesced(result -> result.quiesced(true));
        assertThat(frozen.getStatus()).isEqualTo("True");
        assertThat(frozen.getReason()).isEqualTo("Quiesced");
        Condition without = quiesced(result -> result.quiesced(false).notQuiescedReason("NoGuestAgent"));
        assertThat(without.getStatus()).isEqualTo("False");
        assertThat(without.getReason()).isEqualTo("NoGuestAgent");
        assertThat(without.getMessage()).contains("install qemu-guest-agent", "as after a power cut");
    }

    private static Condition quiesced(UnaryOperator<BackupResultBuilder> change) {
        BackupRunStatus reported =
                reports(change.apply(BackupResultBuilder.builder(full())).build());
        return of(running(reported).run(Optional.of(Backups.run(reported, spec -> spec.quiesce(Quiesce.BestEffort)))))
                .conditions()
                .get(1);
    }

    @Test
    void oneThatCompletesBeforeItsRunWasRecordedHasAllOfIt() {
        VMBackupStatus status =
                of(running(reports(full())).backup(Backups.backup("payroll-1", Backups.UID, Backups.CREATED)));
        assertThat(status.phase()).isEqualTo(Phase.Completed);
        assertThat(status.backupUID()).isEqualTo(Backups.RUN_UID);
        assertThat(status.startTime()).isNotNull();
    }

    @Test
    void aFailedOneSaysWhyAndHasNoResult() {
        VMBackupStatus status = of(running(reports(null)));
        assertThat(status.phase()).isEqualTo(Phase.Failed);
        assertThat(status.result()).isNull();
        assertThat(status.completionTime()).isNotNull();
        assertCondition(status, "False", Reason.BackupReportInvalid, "host-a");
    }

    /** So that a backup takes few writes, however often its agent reports. */
    @Test
    void progressIsWrittenForEachQuarter() {
        VMBackup backup = Backups.begun();
        Set<VMBackupStatus> written = new HashSet<>();
        for (int percent = 0; percent <= 100; percent++) {
            BackupFacts facts = running(progress(percent)).backup(backup).build();
            VMBackupStatus status = report(facts);
            written.add(status);
            backup.setStatus(status);
        }
        assertThat(written).extracting(VMBackupStatus::progressPercent).containsExactlyInAnyOrder(0, 25, 50, 75);
    }

    @Test
    void progressIsAPercentageAndDoesNotGoBack() {
        assertThat(of(running(progress(1000))).progressPercent()).isEqualTo(99);
        assertThat(of(running(progress(-5))).progressPercent()).isZero();
        assertThat(of(running(progress(null))).progressPercent()).isZero();
        VMBackup half = Backups.begun();
        half.setStatus(of(running(progress(50))));
        assertThat(of(running(progress(10)).backup(half)).progressPercent()).isEqualTo(50);
    }

    @Test
    void aMessageOfAnAgentFitsIntoACondition() {
        BackupRunStatus long_ = new BackupRunStatus(RunPhase.Failed, null, null, "BackupFailed", "x".repeat(40_000));
        assertThat(of(running(long_)).conditions().getFirst().getMessage()).hasSize(4096);
    }

    private static VMBackupStatus of(BackupFactsBuilder facts) {
        return report(facts.build());
    }

    private static VMBackupStatus report(BackupFacts facts) {
        return ((BackupStep.Report) BackupPlanner.plan(facts)).status(new BackupStatus(facts));
    }

    private static void assertCondition(VMBackupStatus status, String state, Reason reason, String message) {
        Condition condition = status.conditions().getFirst();
        assertThat(condition.getType()).isEqualTo("Completed");
        assertThat(condition.getStatus()).isEqualTo(state);
        assertThat(condition.getReason()).isEqualTo(reason.name());
        assertThat(condition.getMessage()).contains(message);
    }
}
