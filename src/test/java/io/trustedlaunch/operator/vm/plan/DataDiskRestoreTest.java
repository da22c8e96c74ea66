package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.RestorePlanTest.backup;
import static io.trustedlaunch.operator.vm.plan.RestorePlanTest.run;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.operator.vm.facts.RestoreFacts;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A data disk of a VM that is off goes back to a backup, and all else of the VM stays. */
class DataDiskRestoreTest {
    private static final RestoreRunStatus COMPLETED = new RestoreRunStatus(RunPhase.Completed, null, null);
    private static final GuestStateVersion SAVED = new GuestStateVersion(2L, 40L);

    @Test
    void itIsOnRecordWithItsDisksAndWithoutGuestState() {
        Restore restore = approved("data").step(RestoreStep.Begin.class).restore();

        assertThat(restore.disks()).containsExactly("data");
        assertThat(restore.guestState()).isNull();
        assertThat(restore.approvedBy()).isEqualTo("ada");
        assertThat(restore.nodeName()).isEqualTo("host-a");
    }

    @Test
    void aStartDoesNotPassItAndThenGoesOnFromTheNewestState() {
        VmScene begun = approved("data").written().restore(RestoreFacts.NONE).strategy(RunStrategy.Always);
        assertThat(begun.step()).isInstanceOf(RestoreStep.CreateRun.class);

        VmScene done = begun.with(run(COMPLETED)).written().restore(RestoreFacts.NONE);

        assertThat(done.facts().guestState().restored()).isEmpty();
        assertThat(done.facts().guestState().approvedNext()).isEmpty();
        assertStartsOn("host-a", done);
        assertThat(done.vm().getStatus().restore()).isNotNull();
        assertThat(done.spec(changed -> changed.approveRestore(null))
                        .newStatus()
                        .restore())
                .isNull();
    }

    /** Its run ends with words of its own. */
    @Test
    void itIsSaidWhatWentBack() {
        VmScene begun = approved("data").written().restore(RestoreFacts.NONE);
        RestoreStep.End end = begun.with(run(COMPLETED)).step(RestoreStep.End.class);
        assertThat(end.event().orElseThrow().message())
                .startsWith("the VM's data disks data are those of VMBackup monday, and all else of it is as it was,"
                        + " approved by ada");
    }

    @Test
    void anotherDiskOfTheSameBackupIsAnotherRestore() {
        VmScene done = approved("data")
                .written()
                .restore(RestoreFacts.NONE)
                .with(run(COMPLETED))
                .written()
                .restore(backup(status -> status));
        assertThat(done.step()).isNotInstanceOf(RestoreStep.class);
        assertThat(approve(done, "logs").step(RestoreStep.Begin.class).restore().disks())
                .containsExactly("logs");
    }

    /** The OS disk and the TPM are still those of the first. */
    @Test
    void theGuestStateOfARestoreThatNoStartHasUsedStays() {
        VmScene whole = approve(off())
                .written()
                .restore(RestoreFacts.NONE)
                .with(run(COMPLETED))
                .written()
                .restore(backup(status -> status));
        VmScene both = approve(whole, "data")
                .written()
                .restore(RestoreFacts.NONE)
                .with(run(COMPLETED))
                .written()
                .restore(RestoreFacts.NONE);
        assertThat(both.facts().guestState().approvedNext()).contains(SAVED);
        assertThat(both.spec(changed -> changed.approveRestore(null))
                        .written()
                        .facts()
                        .guestState()
                        .approvedNext())
                .contains(SAVED);
    }

    @Test
    void aDiskThatTheVmDoesNotHaveIsNotRestored() {
        assertRefused(approved("more"), Reason.BackupNotUsable, "data disk more, which spec.dataDisks does not have");
    }

    /** A folder with this disk alone would not be the VM's. */
    @Test
    void itMakesNoFolder() {
        assertRefused(approved("data").fenced("host-a"), Reason.WorkingCopyElsewhere, "kubectl tlvm fence host-a");
        VmScene begun = approved("data").written().restore(RestoreFacts.NONE).fenced("host-a");
        assertRefused(begun, Reason.WorkingCopyElsewhere, "bring back that node");
    }

    private static VmScene off() {
        return VmScene.recorded(3)
                .home("host-a", 3, true)
                .incarnation(3, Stopped, ended(Exit.Shutdown).guestState(sealed(3, 9)))
                .withoutEnvelope()
                .strategy(RunStrategy.Halted)
                .spec(spec -> spec.dataDisks(
                        List.of(new DataDisk("data", new Quantity("1Gi")), new DataDisk("logs", new Quantity("1Gi")))))
                .restore(backup(status -> status));
    }

    private static VmScene approved(String disk) {
        return approve(off(), disk);
    }

    private static VmScene approve(VmScene scene, String... disks) {
        return scene.spec(
                spec -> spec.approveRestore(new ApprovedRestore(new ObjectRef("monday"), List.of(disks), "ada")));
    }
}
