package io.trustedlaunch.operator.backup;

import static io.trustedlaunch.operator.backup.Backups.facts;
import static io.trustedlaunch.operator.backup.Backups.full;
import static io.trustedlaunch.operator.backup.Backups.progress;
import static io.trustedlaunch.operator.backup.Backups.reports;
import static io.trustedlaunch.operator.backup.Backups.running;
import static io.trustedlaunch.operator.backup.Backups.vm;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupLocationStatus;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunSpec.Completed;
import io.trustedlaunch.api.backup.BackupRunSpecBuilder;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.backup.Quiesce;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.AppliedDevices;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusFillBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusMigrationBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusRestoreBuilder;
import io.trustedlaunch.operator.backup.BackupStep.Begin;
import io.trustedlaunch.operator.backup.BackupStep.Complete;
import io.trustedlaunch.operator.backup.BackupStep.Ended;
import io.trustedlaunch.operator.backup.BackupStep.Fail;
import io.trustedlaunch.operator.backup.BackupStep.Pending;
import io.trustedlaunch.operator.backup.BackupStep.Running;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackupPlannerTest {
    @Test
    void theRunIsForTheNodeAndTheEpochWhereTheVmRuns() {
        RecordedImage image = new RecordedImage("ws2022", Backups.DIGEST, Provenance.Signed);
        BackupRun run = begins(facts().vm(Optional.of(vm(status -> status.image(image)))));

        assertThat(run.getMetadata().getName()).isEqualTo(Backups.UID);
        assertThat(run.getMetadata().getNamespace()).isEqualTo(Backups.OPERATOR);
        assertThat(run.getMetadata().getLabels()).containsEntry(Api.LABEL_VM_UID, Vms.UID);
        BackupRunSpec spec = run.getSpec();
        assertThat(spec.nodeName()).isEqualTo("host-a");
        assertThat(spec.epoch()).isEqualTo(3);
        assertThat(spec.vmRef()).isEqualTo(new BackupRunSpec.Vm("finance", "payroll", Vms.UID));
        assertThat(spec.backupRef()).isEqualTo(new BackupRunSpec.Backup("payroll-1", Backups.UID));
        assertThat(spec.location()).isEqualTo(BackupLocations.ref("nas", "/backups"));
        assertThat(spec.mode()).isEqualTo(BackupMode.Auto);
        assertThat(spec.image()).isEqualTo(image);
        assertThat(spec.completed()).isEmpty();
    }

    @Test
    void itIsOfferedTheCompletedBackupsOfThisVmInThisLocationTheNewestFirst() {
        VMBackup failed = Backups.completed(uid(5), "2025-12-05T00:00:00Z");
        failed.setStatus(VMBackupStatusBuilder.builder(failed.getStatus())
                .phase(VMBackupStatus.Phase.Failed)
                .build());
        VMBackup elsewhere = Backups.completed(uid(6), "2025-12-06T00:00:00Z");
        elsewhere.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("other"), BackupMode.Auto));
        VMBackup inAnotherStore = Backups.completed(uid(8), "2025-12-08T00:00:00Z");
        inAnotherStore.setStatus(VMBackupStatusBuilder.builder(inAnotherStore.getStatus())
                .locationID(uid(9))
                .build());

        assertThat(begins(facts().made(List.of(
                                Backups.completed(uid(1), "2025-12-01T00:00:00Z"),
                                Backups.completed(uid(2), "2025-12-02T00:00:00Z"),
                                failed,
                                elsewhere,
                                inAnotherStore)))
                        .getSpec()
                        .completed())
                .containsExactly(
                        new Completed(uid(2), Backups.DIGEST, "2025-12-02T00:00:00Z"),
                        new Completed(uid(1), Backups.DIGEST, "2025-12-01T00:00:00Z"));
    }

    /** As two schedules and a user make them. */
    @Test
    void itIsOfferedThoseOfEverySchedule() {
        VMBackup scheduled = Backups.completed(uid(1), "2025-12-01T00:00:00Z");
        scheduled.getMetadata().setLabels(Map.of(Api.LABEL_BACKUP_SCHEDULE, "nightly"));
        VMBackup ofAnother = Backups.completed(uid(2), "2025-12-02T00:00:00Z");
        ofAnother.getMetadata().setLabels(Map.of(Api.LABEL_BACKUP_SCHEDULE, "weekly"));
        VMBackup byHand = Backups.completed(uid(3), "2025-12-03T00:00:00Z");
        assertThat(begins(facts().made(List.of(scheduled, ofAnother, byHand)))
                        .getSpec()
                        .completed())
                .extracting(Completed::uid)
                .containsExactly(uid(3), uid(2), uid(1));
    }

    /** What was damaged may be in files that others have, too; nobody compares them before the next backup names them again. */
    @Test
    void afterDamageNoBackupIsBuiltUponThatWasNotBegunOrVerifiedSince() {
        VMBackup before = verified(Backups.completed(uid(1), "2025-12-01T00:00:00Z"), true, "2025-12-04T00:00:00Z");
        VMBackup damaged = verified(Backups.completed(uid(2), "2025-12-02T00:00:00Z"), false, "2025-12-05T00:00:00Z");
        VMBackup since = Backups.completed(uid(6), "2025-12-06T00:00:00Z");
        VMBackup imported = Backups.completed(uid(7), "2025-12-07T00:00:00Z");
        imported.getMetadata().setAnnotations(Map.of(Api.IMPORTED_BACKUP, "true"));
        List<VMBackup> made = List.of(before, damaged, since, imported);
        assertThat(damaged(made)).containsExactlyInAnyOrder(uid(1), uid(2), uid(7));
        verified(before, true, "2025-12-08T00:00:00Z");
        verified(imported, true, "2025-12-08T00:00:00Z");
        assertThat(damaged(made)).containsExactly(uid(2));
    }

    private List<String> damaged(List<VMBackup> made) {
        return begins(facts().made(made)).getSpec().completed().stream()
                .filter(Completed::unusable)
                .map(Completed::uid)
                .toList();
    }

    private static VMBackup verified(VMBackup backup, boolean whole, String time) {
        backup.setStatus(VMBackupStatusBuilder.builder(backup.getStatus())
                .verification(new VMBackupStatus.Verification(time, time, time))
                .conditions(List.of(new ConditionBuilder()
                        .withType(ConditionType.Verified.name())
                        .withStatus(whole ? "True" : "False")
                        .build()))
                .build());
        return backup;
    }

    @Test
    void noMoreAreOfferedThanARunTakes() {
        List<VMBackup> many = IntStream.range(100, 200)
                .mapToObj(number -> Backups.completed(uid(number), "2025-12-01T00:%02d:00Z".formatted(number % 60)))
                .toList();
        assertThat(begins(facts().made(many)).getSpec().completed()).hasSize(64);
    }

    @Test
    void withoutItsVmItWaits() {
        assertWaits(
                facts().vm(Optional.empty()),
                Reason.BackupPending,
                "there is no TrustedLaunchVM payroll in this namespace: create it");
        TrustedLaunchVM deleted = vm(status -> status);
        deleted.getMetadata().setDeletionTimestamp(Backups.CREATED);
        assertWaits(facts().vm(Optional.of(deleted)), Reason.BackupPending, "payroll is being deleted");
    }

    @Test
    void aVmThatIsNeitherRunningNorOffIsWaitedFor() {
        assertWaits(
                facts().vm(Optional.of(vm(status ->
                        status.phase(TrustedLaunchVMStatus.Phase.Starting).conditions(List.of())))),
                Reason.BackupPending,
                "VM payroll is neither running nor off (Starting)");
        TrustedLaunchVM unseen = vm(status -> status);
        unseen.setStatus(null);
        assertWaits(facts().vm(Optional.of(unseen)), Reason.BackupPending, "VM payroll is neither running nor off;");
    }

    @Test
    void aVmThatIsOffIsSavedByTheNodeThatHadItLast() {
        BackupRunSpec spec = begins(off(status -> status)).getSpec();

        assertThat(spec.nodeName()).isEqualTo("host-a");
        assertThat(spec.epoch()).isEqualTo(3);
        assertThat(spec.guestState()).isEqualTo(Backups.STOPPED);
        assertThat(spec.quiesce()).as("there is nothing to freeze").isNull();
    }

    @Test
    void aGuestThatRunsIsQuiescedUnlessItIsNotWanted() {
        VMBackup backup = Backups.backup("payroll-1", Backups.UID, Backups.CREATED);
        assertThat(begins(facts()).getSpec().quiesce()).isEqualTo(Quiesce.Never);
        backup.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("nas"), BackupMode.Auto));
        assertThat(begins(facts().backup(backup)).getSpec().quiesce()).isEqualTo(Quiesce.BestEffort);
    }

    /** Its files are those of the backup, and so is the guest state that its next start takes. */
    @Test
    void aVmThatWasPutBackToABackupIsSavedAsItIsNow() {
        GuestStateVersion state = new GuestStateVersion(1L, 4L);

        assertThat(begins(off(status -> status.restore(
                                restore(state).outcome(RestoreOutcome.Completed).build())))
                        .getSpec()
                        .guestState())
                .isEqualTo(state);
        assertThat(begins(off(status -> status.restore(restore(state)
                                .afterEpoch(2L)
                                .outcome(RestoreOutcome.Completed)
                                .build())))
                        .getSpec()
                        .guestState())
                .isEqualTo(Backups.STOPPED);
    }

    @Test
    void aVmWhoseStateIsNotWholeInItsFolderIsNotSavedWhileItIsOff() {
        assertWaits(off(status -> status.guestState(null)), Reason.BackupPending, "VM payroll has never run");
        assertWaits(
                off(status -> status.guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .newest(Backups.STOPPED)
                        .home(new TrustedLaunchVMStatus.Home("default", "host-a", 3L, false, Incarnations.CLUSTER))
                        .build())),
                Reason.BackupPending,
                "VM payroll is off, and node host-a, which had it last, has not reported all of its state");
        assertWaits(off(status -> status.nodeName("host-b")), Reason.BackupPending, "node host-b");
        assertWaits(
                off(status -> status).incarnation(Optional.of(Backups.incarnation(Phase.Prepared))),
                Reason.BackupPending,
                "has not reported all of its state");
        TrustedLaunchVM approved = Backups.off(status -> status);
        approved.setSpec(Vms.spec()
                .approveRestore(new ApprovedRestore(new ObjectRef("payroll-0"), "ada"))
                .build());
        assertWaits(off(status -> status).vm(Optional.of(approved)), Reason.BackupPending, "is to be restored first");
    }

    /** A start, a restore and a deletion wait for nothing. */
    @Test
    void whateverWritesToTheFilesOfAVmThatIsOffEndsItsRun() {
        String message = "the VM, which was off, was started, restored or deleted";
        assertThat(plan(reading(status -> status))).isInstanceOf(Running.class);
        assertFails(reading(status -> status.epoch(4L)), Reason.BackupInterrupted, message);
        assertFails(reading(status -> status.nodeName("host-b")), Reason.BackupInterrupted, message);
        assertFails(
                reading(status -> status.restore(restore(Backups.STOPPED).build())), Reason.BackupInterrupted, message);
        assertFails(
                reading(status -> status.restore(restore(new GuestStateVersion(1L, 4L))
                        .outcome(RestoreOutcome.Completed)
                        .build())),
                Reason.BackupInterrupted,
                message);
        assertFails(
                reading(status -> status).incarnation(Optional.of(Backups.incarnation(Phase.Erased))),
                Reason.BackupInterrupted,
                message);
        TrustedLaunchVM deleted = Backups.off(status -> status);
        deleted.getMetadata().setDeletionTimestamp(Backups.CREATED);
        assertFails(reading(status -> status).vm(Optional.of(deleted)), Reason.BackupInterrupted, message);
        assertFails(reading(status -> status).nodeDead(true), Reason.BackupInterrupted, "is proved dead");
    }

    private static BackupFactsBuilder off(UnaryOperator<TrustedLaunchVMStatusBuilder> change) {
        return facts().vm(Optional.of(Backups.off(change)))
                .incarnation(Optional.of(Backups.incarnation(Phase.Stopped)));
    }

    private static BackupFactsBuilder reading(UnaryOperator<TrustedLaunchVMStatusBuilder> change) {
        return off(change)
                .backup(Backups.begun())
                .run(Optional.of(Backups.run(progress(10), spec -> spec.guestState(Backups.STOPPED))));
    }

    private static TrustedLaunchVMStatusRestoreBuilder restore(GuestStateVersion state) {
        return TrustedLaunchVMStatusRestoreBuilder.builder()
                .uid(uid(7))
                .backup(new RecordedBackup("payroll-0", uid(1), Backups.DIGEST))
                .approvedBy("ada")
                .nodeName("host-a")
                .afterEpoch(3L)
                .guestState(state);
    }

    @Test
    void aLocationIsNeededThatIsOfferedToTheNamespace() {
        assertWaits(facts().locations(Map.of()), Reason.BackupLocationNotFound, "there is no BackupLocation nas");
        assertWaits(
                facts().locations(Map.of("nas", Backups.location(List.of("sales")))),
                Reason.NamespaceNotAllowed,
                "BackupLocation nas is not offered to namespace finance");
        begins(facts().locations(Map.of("nas", Backups.location(List.of("sales", "finance")))));
    }

    @Test
    void aLocationIsNeededWhoseMarkerTheVmsNodeHasFound() {
        BackupLocation unnamed = Backups.location(List.of());
        unnamed.setSpec(
                BackupLocationSpecBuilder.builder(unnamed.getSpec()).id(null).build());
        assertWaits(
                facts().locations(Map.of("nas", unnamed)),
                Reason.BackupLocationNotInitialized,
                "BackupLocation nas does not say which store it means (spec.id): an administrator makes the marker of a"
                        + " new store with kubectl tlvm backup location init nas");
        assertWaits(
                facts().locations(Map.of("nas", BackupLocations.foundOn(Backups.location(List.of()), "host-b"))),
                Reason.BackupLocationUnavailable,
                "node host-a has not reported yet what it finds in the folder of BackupLocation nas");
        BackupLocation unmounted = Backups.location(List.of());
        unmounted.setStatus(new BackupLocationStatus(
                1L,
                BackupLocations.ID.toString(),
                null,
                List.of(new BackupLocationStatus.Node(
                        "host-a", false, null, Reason.MarkerMissing.name(), "the folder /backups has no marker")),
                List.of()));
        assertWaits(
                facts().locations(Map.of("nas", unmounted)),
                Reason.BackupLocationUnavailable,
                "BackupLocation nas cannot be used on node host-a: the folder /backups has no marker");
    }

    /** It would begin never, and hold up those that can. */
    @Test
    void oneThatWaitsForItsStoreHoldsUpNoOther() {
        BackupLocation other = BackupLocations.named("other", BackupLocations.folder("/other", List.of()));
        VMBackup earlier = Backups.backup("payroll-0", uid(7), "2026-01-01T11:00:00Z");
        earlier.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("other"), BackupMode.Auto));
        begins(facts().others(List.of(earlier)).locations(Map.of("nas", Backups.location(List.of()), "other", other)));
    }

    @Test
    void aMoveWins() {
        Migration migration = TrustedLaunchVMStatusMigrationBuilder.builder()
                .name("move")
                .epoch(4L)
                .targetNode("host-b")
                .build();
        assertWaits(
                facts().vm(Optional.of(vm(status -> status.migration(migration)))),
                Reason.BackupPending,
                "being migrated to host-b");
        begins(facts().vm(Optional.of(
                vm(status -> status.migration(migration.ended(Outcome.Stayed, "MigrationFailed", "why"))))));
    }

    @Test
    void aVmWhoseDisksAreFilledFromABackupIsWaitedFor() {
        TrustedLaunchVMStatus.Fill fill = TrustedLaunchVMStatusFillBuilder.builder()
                .backup(new RecordedBackup("monday", uid(1), "ab".repeat(32)))
                .progressPercent(45)
                .build();
        assertWaits(
                facts().vm(Optional.of(vm(status -> status.diskFill(fill)))),
                Reason.BackupPending,
                "filled from VMBackup monday (45 %)");
    }

    @Test
    void devicesThatTheGuestAwaitsAreWaitedFor() {
        assertWaits(changing(null, null), Reason.BackupPending, "network cards of its VM yet; the backup begins");
        assertWaits(changing(Reason.DeviceChangeFailed, "no room"), Reason.BackupPending, "yet (no room)");
        begins(changing(Reason.DeviceHeld, "the guest has not let go of disk old"));
    }

    private static BackupFactsBuilder changing(Reason reason, String message) {
        return facts().incarnation(Optional.of(Incarnations.changing(
                Backups.EPOCH, 2, new AppliedDevices(1L, reason == null ? null : reason.name(), message))));
    }

    @Test
    void oneBackupOfAVmIsMadeAtATime() {
        VMBackup earlier = Backups.backup("earlier", uid(1), "2026-01-01T11:00:00Z");
        VMBackup sameTime = Backups.backup("same-time", uid(2), Backups.CREATED);
        VMBackup later = Backups.backup("later", uid(3), "2026-01-01T11:59:59Z");

        assertWaits(facts().others(List.of(later, earlier)), Reason.BackupPending, "VMBackup earlier of the same VM");
        assertWaits(facts().others(List.of(sameTime)), Reason.BackupPending, "VMBackup same-time of the same VM");
        begins(facts().others(List.of(later)));
        assertThat(BackupPlanner.plan(facts().backup(sameTime)
                        .others(List.of(Backups.backup("payroll-1", Backups.UID, Backups.CREATED)))
                        .build()))
                .as("the other of two")
                .isInstanceOf(Begin.class);
    }

    @Test
    void oneThatHasBegunIsWaitedForAndOneThatCannotBeginIsNot() {
        VMBackup begun = Backups.begun();
        begun.setMetadata(new ObjectMetaBuilder(begun.getMetadata())
                .withName("later")
                .withCreationTimestamp("2026-01-01T11:59:59Z")
                .build());
        assertWaits(facts().others(List.of(begun)), Reason.BackupPending, "VMBackup later of the same VM");

        VMBackup blocked = Backups.backup("blocked", uid(1), "2026-01-01T11:00:00Z");
        blocked.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("missing"), BackupMode.Auto));
        begins(facts().others(List.of(blocked)));
        VMBackup ended = Backups.completed(uid(2), "2026-01-01T11:00:00Z");
        begins(facts().others(List.of(ended)));
    }

    @Test
    void theRunOfADeletedBackupIsWaitedFor() {
        BackupRun other =
                Backups.run(progress(10), spec -> spec.backupRef(new BackupRunSpec.Backup("deleted", uid(1))));
        assertWaits(facts().otherRuns(List.of(other)), Reason.BackupPending, "VMBackup deleted of the same VM");
    }

    @Test
    void aRunIsCreatedOnce() {
        assertThat(plan(facts().run(Optional.of(Backups.run(null)))
                        .incarnation(Optional.of(Backups.incarnation(Phase.Running)))))
                .as("its operator died before it had recorded it")
                .isInstanceOf(Running.class);
        assertFails(
                facts().backup(Backups.begun()), Reason.BackupFailed, "its BackupRun was deleted before it had ended");
    }

    /** Its clock alone is behind, and the API server's is right. */
    @ParameterizedTest
    @ValueSource(strings = {"PT2H", "P1D", "P1461D"})
    void aReportIsBelievedWhileTheOperatorsClockIsBehind(Duration jump) {
        assertThat(plan(running(reports(full())).now(Backups.NOW.minus(jump)))).isInstanceOf(Complete.class);
        assertThat(plan(running(reports(full())).now(Backups.NOW.minus(jump)).latest(Backups.NOW.minus(jump))))
                .isNotInstanceOf(Complete.class);
    }

    @Test
    void whatAnAgentHasMadeIsTaken() {
        assertThat(plan(running(progress(40)))).isInstanceOf(Running.class);
        assertThat(plan(running(null))).isInstanceOf(Running.class);
        Complete complete = (Complete) plan(running(reports(full())));
        assertThat(complete.result().indexSHA256()).isEqualTo(Backups.DIGEST);
    }

    @Test
    void whatAnAgentGaveUpIsFailedForItsReason() {
        assertFails(
                running(failed("NoSpace", "there is no room in /srv")),
                Reason.NoSpace,
                "node host-a gave it up: there is no room in /srv; to try again, create another VMBackup");
        assertFails(running(failed("Whatever", null)), Reason.BackupFailed, "gave it up without saying why");
    }

    @Test
    void aResultThatCannotBeIsNotTaken() {
        assertFails(
                running(reports(null)),
                Reason.BackupReportInvalid,
                "node host-a reported a completed backup of which there is no result: nothing of it is used");
        BackupRunSpec.Location bucket = BackupLocations.bucketRef("nas", "https://s3.example:9000/vms/lab");
        assertFails(
                running(null).run(Optional.of(Backups.run(reports(full()), spec -> spec.location(bucket)))),
                Reason.BackupReportInvalid,
                "the node was never given what it may write to the bucket");
        assertThat(plan(running(null)
                        .run(Optional.of(Backups.run(
                                reports(full()),
                                spec -> spec.location(bucket)
                                        .envelope(new BackupRunSpec.Envelope("sealed", "2026-01-01T00:00:00Z")))))))
                .isInstanceOf(Complete.class);
    }

    @Test
    void aRunThatIsNotTheBackupsIsNotTaken() {
        for (UnaryOperator<BackupRunSpecBuilder> forgery : List.<UnaryOperator<BackupRunSpecBuilder>>of(
                spec -> spec.nodeName("host-b"),
                spec -> spec.backupRef(new BackupRunSpec.Backup("payroll-1", uid(1))),
                spec -> spec.vmRef(new BackupRunSpec.Vm("sales", "payroll", Vms.UID)),
                spec -> spec.vmRef(new BackupRunSpec.Vm("finance", "ledger", Vms.UID)),
                spec -> spec.vmRef(new BackupRunSpec.Vm("finance", "payroll", uid(1))),
                spec -> spec.location(BackupLocations.ref("other", "/backups")))) {
            assertFails(
                    running(null).run(Optional.of(Backups.run(reports(full()), forgery))),
                    Reason.BackupFailed,
                    "is not the one that was created for it");
        }
        BackupRun again = Backups.run(reports(full()));
        again.getMetadata().setUid(uid(1));
        assertFails(
                running(null).run(Optional.of(again)), Reason.BackupFailed, "is not the one that was created for it");
    }

    @Test
    void aRunFailsWithItsNode() {
        assertFails(running(progress(40)).nodeDead(true), Reason.BackupInterrupted, "node host-a, which was making it");
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"Stopped", "Erased"})
    void aRunFailsWhenTheGuestHasEnded(Phase phase) {
        assertFails(
                running(progress(40)).incarnation(Optional.of(Backups.incarnation(phase))),
                Reason.BackupInterrupted,
                "ended or left node host-a");
    }

    @Test
    void aRunFailsWhenTheGuestIsElsewhere() {
        for (Optional<TrustedLaunchVM> now : List.of(
                Optional.of(vm(status -> status.epoch(4L))),
                Optional.of(vm(status -> status.nodeName("host-b"))),
                Optional.<TrustedLaunchVM>empty())) {
            assertFails(running(progress(40)).vm(now), Reason.BackupInterrupted, "ended or left node host-a");
        }
        TrustedLaunchVM another = vm(status -> status);
        another.getMetadata().setUid(uid(1));
        assertFails(running(null).vm(Optional.of(another)), Reason.BackupInterrupted, "ended or left node host-a");
        assertFails(running(null).incarnation(Optional.empty()), Reason.BackupInterrupted, "ended or left");
    }

    @Test
    void whatWasMadeBeforeTheGuestEndedIsTaken() {
        assertThat(plan(running(reports(full()))
                        .vm(Optional.empty())
                        .incarnation(Optional.empty())
                        .nodeDead(true)))
                .isInstanceOf(Complete.class);
    }

    @Test
    void whatHasEndedStaysAsItIs() {
        VMBackup ended = Backups.begun();
        ended.setStatus(VMBackupStatusBuilder.builder(ended.getStatus())
                .phase(VMBackupStatus.Phase.Failed)
                .completionTime(Backups.CREATED)
                .build());
        BackupFacts facts = running(reports(full())).backup(ended).build();
        assertThat(BackupPlanner.plan(facts)).isInstanceOf(Ended.class);
        assertThat(new Ended().status(new BackupStatus(facts))).isSameAs(ended.getStatus());
    }

    private static BackupStep plan(BackupFactsBuilder facts) {
        return BackupPlanner.plan(facts.build());
    }

    private static BackupRun begins(BackupFactsBuilder facts) {
        BackupStep step = plan(facts);
        assertThat(step).isInstanceOf(Begin.class);
        return ((Begin) step).run();
    }

    private static void assertWaits(BackupFactsBuilder facts, Reason reason, String message) {
        BackupStep step = plan(facts);
        assertThat(step).isInstanceOf(Pending.class);
        assertProblem(((Pending) step).problem(), reason, message);
    }

    private static void assertFails(BackupFactsBuilder facts, Reason reason, String message) {
        BackupStep step = plan(facts);
        assertThat(step).isInstanceOf(Fail.class);
        assertProblem(((Fail) step).problem(), reason, message);
        TrustedLaunchVM vm = facts.build().vm().orElse(null);
        boolean isThere = vm != null && vm.identity().equals(Vms.UID) && !vm.isMarkedForDeletion();
        if (isThere) {
            assertThat(((Fail) step).problem().message()).endsWith("; to try again, create another VMBackup");
        }
    }

    private static void assertProblem(Problem problem, Reason reason, String message) {
        assertThat(problem.reason()).isEqualTo(reason);
        assertThat(problem.message()).contains(message);
    }

    private static BackupRunStatus failed(String reason, String message) {
        return new BackupRunStatus(RunPhase.Failed, null, null, reason, message);
    }

    private static String uid(int number) {
        return "00000000-0000-4000-8000-%012d".formatted(number);
    }
}
