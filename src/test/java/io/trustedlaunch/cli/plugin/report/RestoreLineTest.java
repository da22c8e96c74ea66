package io.trustedlaunch.cli.plugin.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusRestoreBuilder;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import org.junit.jupiter.api.Test;

class RestoreLineTest {
    private static final ApprovedRestore APPROVAL = new ApprovedRestore(new ObjectRef("monday"), "ada");

    @Test
    void itEndsWithTheRestoreThatWasApproved() {
        assertThat(line(restore("monday", RestoreOutcome.Completed), Reason.Halted)
                        .state())
                .isEqualTo(Progress.State.Done);
        assertThat(line(restore("monday", RestoreOutcome.Failed), Reason.RestoreFailed))
                .satisfies(line -> assertThat(line.state()).isEqualTo(Progress.State.Failed))
                .satisfies(line -> assertThat(line.line()).contains("BackupDamaged", "was altered"));
    }

    @Test
    void anEarlierOneIsNotTakenForIt() {
        assertThat(line(restore("sunday", RestoreOutcome.Completed), Reason.Restoring)
                        .state())
                .isEqualTo(Progress.State.Ongoing);
        assertThat(line(restore("monday", null), Reason.Restoring).state()).isEqualTo(Progress.State.Ongoing);
        assertThat(line(null, Reason.BackupNotUsable).state()).isEqualTo(Progress.State.Failed);
    }

    /** Of an approval that named a backup that was not there, for example. */
    @Test
    void whatWasSaidOfTheSpecBeforeIsNoAnswer() {
        TrustedLaunchVM vm = vm(null, Reason.BackupNotUsable);
        vm.getMetadata().setGeneration(vm.getMetadata().getGeneration() + 1);

        assertThat(RestoreLine.progress(vm, APPROVAL).state()).isEqualTo(Progress.State.Ongoing);
    }

    @Test
    void itHasABarWhileItIsUnderWay() {
        assertThat(line(null, Reason.Restoring).percent()).isEmpty();
        assertThat(line(restore("monday", null), Reason.Restoring).percent()).hasValue(0);
        Restore half = TrustedLaunchVMStatusRestoreBuilder.builder(restore("monday", null))
                .progressPercent(50)
                .build();
        assertThat(line(half, Reason.Restoring).percent()).hasValue(50);
    }

    private static Restore restore(String backup, RestoreOutcome outcome) {
        return TrustedLaunchVMStatusRestoreBuilder.builder()
                .backup(new RecordedBackup(backup, Vms.UID, "0".repeat(64)))
                .approvedBy("ada")
                .outcome(outcome)
                .reason(Reason.BackupDamaged.name())
                .message("data-00000 was altered")
                .build();
    }

    private static Progress line(Restore restore, Reason ready) {
        return RestoreLine.progress(vm(restore, ready), APPROVAL);
    }

    private static TrustedLaunchVM vm(Restore restore, Reason ready) {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(vm.getMetadata().getGeneration())
                .restore(restore)
                .conditions(List.of(new ConditionBuilder()
                        .withType("Ready")
                        .withStatus("False")
                        .withReason(ready.name())
                        .withMessage("because")
                        .build()))
                .build());
        return vm;
    }
}
