package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmScene.NOON;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.DiskFillSpecBuilder;
import io.trustedlaunch.api.restore.DiskFillStatus;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Fill;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusFillBuilder;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.operator.vm.facts.DataDisks;
import io.trustedlaunch.operator.vm.facts.FillFacts;
import io.trustedlaunch.operator.vm.facts.FillFactsBuilder;
import io.trustedlaunch.operator.vm.facts.KeyFixture;
import io.trustedlaunch.operator.vm.facts.RestoreFacts;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Vms;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A VM that was started at once from a backup: what serves its disks to it, and what waits until they are whole. */
class DiskFillPlanTest {
    private static final String UID = "22222222-2222-4333-8444-555555555555";
    private static final String OTHER_UID = "33333333-2222-4333-8444-555555555555";
    private static final RecordedBackup MONDAY =
            new RecordedBackup("monday", "11111111-2222-4333-8444-555555555555", "ab".repeat(32));
    private static final BackupRunSpec.Location FOLDER = BackupLocations.ref("nas", "/backups");
    private static final BackupRunSpec.Location BUCKET =
            new BackupRunSpec.Location("nas", BackupLocations.ID.toString(), null, "https://s3.example/b");
    private static final Fill FILL = TrustedLaunchVMStatusFillBuilder.builder()
            .uid(UID)
            .backup(MONDAY)
            .backupOf(Vms.UID)
            .location(FOLDER)
            .progressPercent(0)
            .build();

    @Test
    void aRestoreAtOncePutsTheFillOnRecordAndTheNextIncarnationMayUseIt() {
        assertThat(begun(true).step(RestoreStep.CreateRun.class).restore().startsAtOnce())
                .isTrue();
        VmScene restored = restored(off(), true);
        Fill fill = restored.vm().getStatus().diskFill();

        assertThat(fill.uid()).isEqualTo(restored.vm().getStatus().restore().uid());
        assertThat(fill.backup()).isEqualTo(MONDAY);
        assertThat(fill.backupOf()).isEqualTo(Vms.UID);
        assertThat(fill.location()).isEqualTo(FOLDER);
        assertThat(fill.startTime()).isEqualTo(NOON.toString());
        assertThat(restored.step()).as("it is off").isInstanceOf(VmStep.Settled.class);
        VmScene starting = restored.with(foundOn("host-a")).strategy(RunStrategy.Always);
        assertStartsOn("host-a", starting);
        assertThat(created(starting.written()).diskFill()).isEqualTo(fill.uid());
        assertThat(restored(off(), false).vm().getStatus().diskFill()).isNull();
        assertThat(created(restored(off(), false).strategy(RunStrategy.Always).written())
                        .diskFill())
                .isNull();
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"Preparing", "Prepared", "Running"})
    void whileItsIncarnationIsNotOverThereIsOneOnItsNode(Phase phase) {
        VmScene scene = scene(FILL).incarnation(4, Running, reported(phase).guestState(sealed(4, 1)));

        FillStep.Create create = scene.step(FillStep.Create.class);
        assertThat(create.incarnation().node()).isEqualTo("host-a");
        assertThat(create.fill()).isEqualTo(FILL);
        assertThat(scene.with(run("host-a")).step()).isInstanceOf(VmStep.Idle.class);
        assertThat(scene.with(run("host-b")).step()).as("of an old node").isInstanceOf(FillStep.Remove.class);
    }

    @Test
    void itStaysUntilAGuestThatShutsDownIsOver() {
        VmScene stopping = scene(FILL)
                .strategy(RunStrategy.Halted)
                .incarnation(4, Stopped, reported(Phase.Stopping).guestState(sealed(4, 1)));
        assertThat(stopping.with(run("host-a")).step()).isInstanceOf(VmStep.Wait.class);
        assertThat(stopping.with(fill(FillFacts.NONE)).step())
                .as("none is made for a guest that ends")
                .isInstanceOf(VmStep.Wait.class);

        VmScene off = scene(FILL)
                .strategy(RunStrategy.Halted)
                .incarnation(4, Stopped, ended(Exit.Shutdown).guestState(sealed(4, 2)));
        assertThat(off.with(run("host-a")).step()).isInstanceOf(FillStep.Remove.class);
        assertThat(off.with(fill(FillFacts.NONE)).step()).isInstanceOf(VmStep.Settled.class);
        assertThat(off.newStatus().diskFill()).isEqualTo(FILL);
        assertThat(message(off, ConditionType.Ready)).contains("VMBackup monday: 0 %, which goes on while it runs");
        assertThat(created(off.with(foundOn("host-a"))
                                .strategy(RunStrategy.Always)
                                .written())
                        .diskFill())
                .as("it goes on where it was")
                .isEqualTo(UID);
    }

    @Test
    void afterAFailoverTheOtherNodeGetsOne() {
        VmScene dead = running().sharedLocation().fenced("host-a").home("host-a", 4, false);
        dead = dead.status(status -> status.diskFill(FILL));
        VmScene over = dead.with(run("host-a", completed()));
        assertThat(over.newStatus().diskFill())
                .as("a node that is proved dead says nothing")
                .isEqualTo(FILL);

        VmScene started = dead.onRecord("host-b", 5)
                .status(status -> status.diskFill(FILL))
                .incarnation(4, Stopped, reported(Phase.Running).guestState(sealed(4, 1)))
                .incarnation(4, spec -> spec.terminationGracePeriodSeconds(0))
                .incarnation(5, Running, reported(Phase.Preparing))
                .incarnation(5, spec -> spec.nodeName("host-b"));
        assertThat(started.with(run("host-a", completed())).step()).isInstanceOf(FillStep.Remove.class);
        assertThat(started.with(fill(FillFacts.NONE))
                        .step(FillStep.Create.class)
                        .incarnation()
                        .node())
                .isEqualTo("host-b");
    }

    @Test
    void onceTheDisksAreWholeThatGoesOnRecordBeforeTheRunIsRemoved() {
        VmScene whole = running().with(run("host-a", completed()));

        FillStep.End end = whole.step(FillStep.End.class);
        assertThat(end.event().map(EventDraft::reason)).contains(Reason.DisksFilled);
        assertThat(whole.newStatus().diskFill()).isNull();
        assertThat(whole.written().step()).isInstanceOf(VmStep.Settled.class);
    }

    /** The guest was started again before that was read: its start waits for a server, which has ended. */
    @Test
    void aGuestOfALaterEpochGetsOneOfItsOwn() {
        VmScene earlier = running().with(run("host-a", completed(3)));

        assertThat(earlier.step()).isInstanceOf(FillStep.Remove.class);
        assertThat(earlier.newStatus().diskFill()).isEqualTo(FILL);
    }

    /** Somebody with the rights of an administrator may have created one of its name. */
    @Test
    void oneThatWasCreatedForSomethingElseIsNotBelieved() {
        List<UnaryOperator<DiskFillSpecBuilder>> others = List.of(
                spec -> spec.backup(new RecordedBackup("monday", OTHER_UID, MONDAY.indexSHA256())),
                spec -> spec.backupOf(OTHER_UID),
                spec -> spec.location(BackupLocations.ref("nas", "/other")),
                spec -> spec.vmRef(new VMIncarnationSpec.VmRef(Vms.NAMESPACE, Vms.NAME, OTHER_UID, null)),
                spec -> spec.vmRef(new VMIncarnationSpec.VmRef(Vms.NAMESPACE, Vms.NAME, Vms.UID, OTHER_UID)),
                spec -> spec.nodeName("host-b"));
        for (UnaryOperator<DiskFillSpecBuilder> other : others) {
            VmScene scene = running().with(run("host-a", completed(), other));
            assertThat(scene.step()).isInstanceOf(FillStep.Remove.class);
            assertThat(scene.newStatus().diskFill()).isEqualTo(FILL);
        }
    }

    @Test
    void theUrlsOfABucketAreRenewedInTime() {
        Fill bucket =
                TrustedLaunchVMStatusFillBuilder.builder(FILL).location(BUCKET).build();
        assertThat(expiring(bucket, Duration.ofHours(13)).step()).isInstanceOf(VmStep.Settled.class);
        assertThat(expiring(bucket, Duration.ofHours(11)).step()).isInstanceOf(FillStep.Seal.class);
        assertThat(expiring(bucket, Duration.ofHours(-1)).step()).isInstanceOf(FillStep.Seal.class);
        assertThat(expiring(bucket, Duration.ofDays(30)).step())
                .as("a clock that was ahead has signed them: no bucket takes them now")
                .isInstanceOf(FillStep.Seal.class);
        assertThat(running(bucket)
                        .with(run(
                                "host-a",
                                running(0, null),
                                spec -> spec.location(BUCKET).expirationTime("soon")))
                        .step())
                .isInstanceOf(FillStep.Seal.class);
        assertThat(running().with(run("host-a")).step()).as("a folder has none").isInstanceOf(VmStep.Settled.class);

        VmScene refused = expiring(bucket, Duration.ofHours(-1));
        FillFacts known = refused.facts().fill();
        refused = refused.with(fill(FillFactsBuilder.builder(known)
                .grant(Optional.of(new Result.Refused<>(new Problem(Reason.BackupLocationUnavailable, "no answer"))))
                .build()));
        assertThat(refused.step()).isInstanceOf(VmStep.Settled.class);
        assertThat(message(refused, ConditionType.Ready)).contains("monday: 0 % (no answer)");
    }

    @Test
    void itIsSealedAnewForANodeWithAnotherKey() {
        VmScene changed = running().with(run("host-a")).node("host-a", node -> node.sealingKey(Optional.of("another")));
        assertThat(new DiskFillPlan(changed.facts()).step()).containsInstanceOf(FillStep.Seal.class);
    }

    @Test
    void withoutTheKeyOrACertificateNothingIsSealed() {
        assertThat(running().key(KeyFixture.NO_KEY).step()).isNotInstanceOf(FillStep.class);
        VmScene copy = running(TrustedLaunchVMStatusFillBuilder.builder(FILL)
                .backupOf(OTHER_UID)
                .build());
        assertThat(copy.step()).isInstanceOf(FillStep.Create.class);
        VmScene refused = copy.with(fill(FillFactsBuilder.builder(FillFacts.NONE)
                .copied(Optional.of(new Result.Refused<>(new Problem(Reason.EscrowUnusable, "no escrow"))))
                .build()));
        assertThat(refused.step()).isInstanceOf(VmStep.Settled.class);
        assertThat(message(refused, ConditionType.Ready)).contains("no escrow");
    }

    @Test
    void theStatusSaysHowFarItIsAndWhatIsWrong() {
        VmScene half = running().with(run("host-a", running(55, null)));
        assertThat(half.newStatus().diskFill().progressPercent()).isEqualTo(55);
        VmScene written = half.written();
        assertThat(written.with(run("host-a", running(60, null)))
                        .newStatus()
                        .diskFill()
                        .progressPercent())
                .as("in quarters")
                .isEqualTo(55);
        assertThat(message(written, ConditionType.Ready)).contains("its disks are filled from VMBackup monday: 55 %");
        assertThat(message(running().with(run("host-a", running(0, "pack 7 is missing"))), ConditionType.Ready))
                .contains("0 % (BackupDamaged: pack 7 is missing)");
    }

    @Test
    void aMigrationWaits() {
        Condition migratable = ConditionType.Migratable.in(running()
                        .sharedLocation()
                        .with(run("host-a"))
                        .newStatus()
                        .conditions())
                .orElseThrow();
        assertThat(migratable.getStatus()).isEqualTo("False");
        assertThat(migratable.getReason()).isEqualTo(Reason.DisksFilling.name());
        assertThat(migratable.getMessage()).contains("monday: 0 %", "can be migrated once they are whole");
        assertThat(ConditionType.Migratable.in(running()
                                .sharedLocation()
                                .status(status -> status.diskFill(null))
                                .newStatus()
                                .conditions())
                        .orElseThrow()
                        .getReason())
                .isEqualTo(Reason.Migratable.name());
    }

    @Test
    void itStartsOnlyWhereTheBackupIsFound() {
        VmScene off = scene(FILL)
                .home("host-a", 4, true)
                .status(status -> status.diskFill(FILL))
                .strategy(RunStrategy.Always)
                .incarnation(4, Stopped, ended(Exit.Shutdown).guestState(sealed(4, 2)))
                .sharedLocation();
        assertStartsOn("host-a", off.with(foundOn("host-a")));
        assertStartsOn("host-b", off.with(foundOn("host-b")));
        assertRefused(
                off.with(foundOn("host-c")), Reason.BackupLocationUnavailable, "BackupLocation nas", "node host-a");
        assertRefused(
                off.with(fill(FillFacts.NONE)),
                Reason.BackupLocationNotFound,
                "BackupLocation nas",
                "the folder /backups",
                "as it was");
    }

    @Test
    void aStartIsNotMovedToANodeThatDoesNotFindTheBackup() {
        VmScene preparing = scene(FILL)
                .home("host-a", 3, true)
                .status(status -> status.diskFill(FILL))
                .incarnation(4, Running, status(Phase.Preparing))
                .cordoned("host-a")
                .sharedLocation();
        assertThat(preparing.with(foundOn("host-b")).step()).isInstanceOf(VmStep.Retire.class);
        assertThat(preparing.with(foundOn("host-a")).step())
                .as("it goes on, and gets what it waits for")
                .isInstanceOf(FillStep.Create.class);
    }

    @Test
    void anotherRestoreReplacesTheDisksOnceItIsComplete() {
        VmScene again = restored(off().status(status -> status.diskFill(FILL)), true);
        assertThat(again.vm().getStatus().diskFill().uid())
                .isEqualTo(again.vm().getStatus().restore().uid())
                .isNotEqualTo(UID);
        assertThat(restored(off().status(status -> status.diskFill(FILL)), false)
                        .vm()
                        .getStatus()
                        .diskFill())
                .isNull();
        assertThat(end(begunWith(off().status(status -> status.diskFill(FILL)), true), RunPhase.Failed)
                        .vm()
                        .getStatus()
                        .diskFill())
                .as("the files are as they were")
                .isEqualTo(FILL);
    }

    /** Each start attaches the backup to all disks: what one has of another backup would be mixed with it. */
    @Test
    void aDiskAloneGoesBackOnlyOnceAllAreWhole() {
        VmScene data = off().spec(spec -> spec.dataDisks(List.of(new DataDisk("data", new Quantity("1Gi")))))
                .spec(spec ->
                        spec.approveRestore(new ApprovedRestore(new ObjectRef("monday"), List.of("data"), "ada")));
        assertThat(data.step()).isInstanceOf(RestoreStep.Begin.class);
        assertRefused(
                data.status(status -> status.diskFill(FILL)),
                Reason.DisksFilling,
                "remove spec.approveRestore",
                "approve the whole VM");
    }

    /** From the moment that a restore is on record, the removal of its backup waits; it may have begun just before. */
    @Test
    void noDisksAreMadeThatNeedABackupWhichIsBeingRemoved() {
        VmScene removing =
                begun(true).restore(RestorePlanTest.backup(status -> status.phase(VMBackupStatus.Phase.Removing)));
        Restore failed = removing.step(RestoreStep.End.class).restore();
        assertThat(failed.outcome()).isEqualTo(RestoreOutcome.Failed);
        assertThat(failed.reason()).isEqualTo(Reason.BackupNotUsable.name());
        assertThat(begun(true).restore(RestorePlanTest.backup(status -> status)).step())
                .isInstanceOf(RestoreStep.CreateRun.class);
    }

    @Test
    void aVmThatIsKeptKeepsWhatItsDisksNeed() {
        assertThat(VmRetention.recordOf(
                                running()
                                        .home("host-a", 4, true)
                                        .status(changed -> changed.diskFill(FILL))
                                        .vm(),
                                new RetentionStep.Retain(
                                        Optional.empty(),
                                        Optional.empty(),
                                        new DataDisks(List.of(), List.of()),
                                        List.of()))
                        .diskFill())
                .isEqualTo(FILL);
    }

    @Test
    void whenTheVmIsDeletedItGoesWithTheIncarnation() {
        VmScene deleted = scene(FILL)
                .incarnation(4, Stopped, reported(Phase.Stopping).guestState(sealed(4, 1)))
                .incarnation(4, spec -> spec.terminationGracePeriodSeconds(0))
                .deleted();
        assertThat(deleted.with(run("host-a")).step()).isNotInstanceOf(FillStep.class);
    }

    private static String message(VmScene scene, ConditionType type) {
        return type.in(scene.newStatus().conditions()).orElseThrow().getMessage();
    }

    private static VmScene scene(Fill fill) {
        return VmScene.recorded(4).status(status -> status.diskFill(fill));
    }

    private static VmScene running() {
        return running(FILL);
    }

    private static VmScene running(Fill fill) {
        return scene(fill).incarnation(4, Running, reported(Phase.Running).guestState(sealed(4, 1)));
    }

    private static VmScene expiring(Fill bucket, Duration left) {
        return running(bucket)
                .with(run(
                        "host-a",
                        running(0, null),
                        spec -> spec.location(BUCKET)
                                .expirationTime(NOON.plus(left).toString())));
    }

    private static DiskFillStatus running(int percent, String damage) {
        return new DiskFillStatus(
                RunPhase.Running, damage == null ? null : Reason.BackupDamaged.name(), damage, percent, null);
    }

    private static DiskFillStatus completed() {
        return completed(4);
    }

    private static DiskFillStatus completed(long epoch) {
        return new DiskFillStatus(RunPhase.Completed, null, null, 100, epoch);
    }

    private static UnaryOperator<VmScene> fill(FillFacts fill) {
        return scene -> scene.facts(facts -> facts.fill(fill));
    }

    private static UnaryOperator<VmScene> foundOn(String node) {
        BackupLocation location = BackupLocations.foundOn(
                BackupLocations.named("nas", BackupLocations.folder("/backups", List.of())), node);
        return fill(FillFactsBuilder.builder(FillFacts.NONE)
                .location(Optional.of(location))
                .build());
    }

    private static UnaryOperator<VmScene> run(String node) {
        return run(node, running(0, null));
    }

    private static UnaryOperator<VmScene> run(String node, DiskFillStatus status) {
        return run(node, status, spec -> spec);
    }

    private static UnaryOperator<VmScene> run(
            String node, DiskFillStatus status, UnaryOperator<DiskFillSpecBuilder> change) {
        DiskFill run = new DiskFill();
        run.setMetadata(new ObjectMetaBuilder().withName(UID).build());
        run.setSpec(change.apply(DiskFillSpecBuilder.builder()
                        .nodeName(node)
                        .vmRef(new VMIncarnationSpec.VmRef(Vms.NAMESPACE, Vms.NAME, Vms.UID, null))
                        .storageLocation(new VMIncarnationSpec.Location("default", "/vms"))
                        .backup(MONDAY)
                        .backupOf(Vms.UID)
                        .location(FOLDER)
                        .envelope("c2VhbGVk"))
                .build());
        run.setStatus(status);
        return fill(
                FillFactsBuilder.builder(FillFacts.NONE).run(Optional.of(run)).build());
    }

    private static VmScene off() {
        return VmScene.recorded(3)
                .home("host-a", 3, true)
                .incarnation(3, Stopped, ended(Exit.Shutdown).guestState(sealed(3, 9)))
                .withoutEnvelope()
                .strategy(RunStrategy.Halted)
                .restore(RestorePlanTest.backup(status -> status));
    }

    private static VmScene begun(boolean atOnce) {
        return begunWith(off(), atOnce);
    }

    private static VmScene begunWith(VmScene off, boolean atOnce) {
        return off.spec(spec ->
                        spec.approveRestore(new ApprovedRestore(new ObjectRef("monday"), List.of(), atOnce, "ada")))
                .written()
                .restore(RestoreFacts.NONE);
    }

    private static VmScene restored(VmScene off, boolean atOnce) {
        return end(begunWith(off, atOnce), RunPhase.Completed);
    }

    private static VmScene end(VmScene begun, RunPhase phase) {
        return begun.with(RestorePlanTest.run(new RestoreRunStatus(phase, null, null)))
                .written()
                .restore(RestoreFacts.NONE);
    }
}
