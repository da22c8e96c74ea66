package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Erased;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmScene.NOON;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.restore.RestoreRunSpecBuilder;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.FailoverStrategy;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Approval;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Charge;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.operator.vm.facts.KeyFixture;
import io.trustedlaunch.operator.vm.facts.RestoreFacts;
import io.trustedlaunch.operator.vm.facts.RestoreFactsBuilder;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A VM that goes back to one of its backups: what must be so first, what waits for it, and what the next start uses. */
class RestorePlanTest {
    private static final GuestStateVersion SAVED = new GuestStateVersion(2L, 40L);
    private static final String DIGEST = "ab".repeat(32);
    private static final String BACKUP = "11111111-2222-4333-8444-555555555555";

    @Test
    void aVmThatIsOffIsRestoredOnItsNode() {
        Restore restore = off().step(RestoreStep.Begin.class).restore();

        assertThat(restore.nodeName()).isEqualTo("host-a");
        assertThat(restore.afterEpoch()).isEqualTo(3);
        assertThat(restore.backup().uid()).isEqualTo(BACKUP);
        assertThat(restore.backup().indexSHA256()).isEqualTo(DIGEST);
        assertThat(restore.location().folder()).isEqualTo("/backups");
        assertThat(restore.guestState()).isEqualTo(SAVED);
        assertThat(restore.approvedBy()).isEqualTo("ada");
        TrustedLaunchVMStatus status = off().newStatus();
        assertThat(status.phase()).isEqualTo(Phase.Restoring);
        assertThat(status.restore().startTime()).isEqualTo(NOON.toString());
        assertThat(status.epoch()).isEqualTo(3);
    }

    @Test
    void eachRestoreHasItsOwnUid() {
        String first = off().step(RestoreStep.Begin.class).restore().uid();
        assertThat(off().step(RestoreStep.Begin.class).restore().uid()).isEqualTo(first);
        assertThat(off().metadata(changed -> changed.withResourceVersion("99"))
                        .step(RestoreStep.Begin.class)
                        .restore()
                        .uid())
                .isNotEqualTo(first);
    }

    @Test
    void aStartDoesNotPassIt() {
        assertThat(off().strategy(RunStrategy.Always).step()).isInstanceOf(RestoreStep.Begin.class);
        assertThat(begun().strategy(RunStrategy.Always).step()).isInstanceOf(RestoreStep.CreateRun.class);
        assertWaits(
                begun().strategy(RunStrategy.Always).with(run(null)),
                Reason.Restoring,
                "host-a restores the VM from VMBackup monday");
    }

    /** Its host was only said to be dead, and is heard again once the restore elsewhere is on record, or even done. */
    @Test
    void anIncarnationFromBeforeItDoesNotPassIt() {
        VmScene begun = overtaken().written();
        assertThat(begun.facts().vm().restores().open()).isPresent();
        assertThat(begun.heard("host-a").step()).isInstanceOf(VmStep.Retire.class);

        VmScene done = restoredOn(overtaken());
        assertThat(done.facts().vm().restores().completed()).isPresent();
        assertThat(done.heard("host-a").step()).isInstanceOf(VmStep.Retire.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = VMIncarnationStatus.Phase.class,
            names = {"Stopped", "Erased"},
            mode = EnumSource.Mode.EXCLUDE)
    void itDoesNotBeginBesideAnIncarnation(VMIncarnationStatus.Phase phase) {
        VmScene scene = approved(VmScene.recorded(3)
                .home("host-a", 3, true)
                .incarnation(3, Stopped, reported(phase).guestState(sealed(3, 1))));

        assertThat(scene.step()).isNotInstanceOf(RestoreStep.class);
        assertThat(scene.strategy(RunStrategy.Always).step()).isNotInstanceOf(RestoreStep.class);
    }

    @Test
    void itDoesNotBeginBesideAnEarlierIncarnationThatMayRun() {
        VmScene scene = off().incarnation(2, Stopped, reported(VMIncarnationStatus.Phase.Stopping));

        assertThat(scene.step()).isNotInstanceOf(RestoreStep.class);
        assertThat(scene.strategy(RunStrategy.Always).step()).isNotInstanceOf(RestoreStep.class);
    }

    /** Its files are decided, so that it does not fail; and its run cannot be changed. */
    @Test
    void aRunThatIsHeldByAFenceIsMadeAnewOnceNothingReliesOnThat() {
        UnaryOperator<VmScene> held = run(
                new RestoreRunStatus(RunPhase.Running, Reason.FenceContradicted.name(), "NodeFence is gone"),
                spec -> spec.afterFences(List.of("host-b-1")));

        assertThat(begun().with(held).step()).isInstanceOf(RestoreStep.RemoveRun.class);
        assertThat(begun().with(run(
                                new RestoreRunStatus(RunPhase.Running, Reason.AwaitingFence.name(), "it writes"),
                                spec -> spec.afterFences(List.of("host-b-1"))))
                        .step())
                .isInstanceOf(VmStep.Wait.class);
        assertWaits(begun().with(held).unanswered("host-b"), Reason.AwaitingInventory, "host-b");
        assertWaits(
                begun().incarnation(2, Stopped, reported(VMIncarnationStatus.Phase.Stopping))
                        .incarnation(2, spec -> spec.terminationGracePeriodSeconds(0))
                        .strategy(RunStrategy.Always)
                        .with(held),
                Reason.Restoring,
                "epoch 2 on host-a must end");
    }

    /** A NodeFence that it relies on holds again, and its agent has not seen that yet. */
    @Test
    void aRunThatReliesOnNothingElseThanItDidStays() {
        VmScene scene = overtaken().written();
        List<String> fences = List.copyOf(
                scene.facts().losses().fencesReliedOn(scene.facts().vm().epoch() + 1));
        assertThat(fences).isNotEmpty();

        assertWaits(
                scene.with(run(
                        new RestoreRunStatus(RunPhase.Running, Reason.FenceContradicted.name(), "is Requested"),
                        spec -> spec.afterFences(fences))),
                Reason.Restoring,
                "is Requested");
    }

    /** Its run was removed, since a NodeFence that it relied on was contradicted. */
    @Test
    void itsRunIsNotMadeAnewBesideAnIncarnationThatMayRun() {
        VmScene scene = begun().incarnation(2, Stopped, reported(VMIncarnationStatus.Phase.Stopping))
                .incarnation(2, spec -> spec.terminationGracePeriodSeconds(0));

        assertWaits(scene.strategy(RunStrategy.Always), Reason.Restoring, "epoch 2 on host-a must end");
    }

    /** An operator that was paused has put it on record after its successor had given the rest of the quota to others. */
    @Test
    void itsRunIsNotMadeBeforeTheQuotaHasRoomIfItWasBegunTooLate() {
        Charge charge = new Charge(null, null, new Quantity("10Gi"), new Quantity("10Gi"));
        VmScene scene = begun().charged(charge).countedLate();
        scene.quota(hard -> hard.storage(new Quantity("25Gi")), others -> others.storage(10L << 30));
        assertRefused(scene, Reason.QuotaExceeded, "storage: 20Gi more wanted, 10Gi of 25Gi in use, 5Gi missing");
        assertThat(scene.newStatus().charged()).isEqualTo(charge);

        scene.quota(hard -> hard.storage(new Quantity("30Gi")), others -> others.storage(10L << 30));
        assertThat(scene.step()).isInstanceOf(RestoreStep.CreateRun.class);
    }

    @Test
    void itDoesNotBeginBeforeAllNodesHaveSaidWhatTheyHave() {
        assertWaits(off().unanswered("host-b"), Reason.AwaitingInventory, "host-b");
    }

    @Test
    void onlyACompletedBackupOfThisVmIsTaken() {
        assertRefused(off().restore(RestoreFacts.NONE), Reason.BackupNotUsable, "monday", "does not exist");
        assertRefused(
                off().restore(backup(status -> status.phase(VMBackupStatus.Phase.Failed))),
                Reason.BackupNotUsable,
                "is not completed");
        assertRefused(
                off().restore(backup(status -> status.vmUID(VmScene.OWN_UID))),
                Reason.BackupNotUsable,
                "is of another VM");
        assertRefused(
                off().restore(new RestoreFacts(backup(status -> status).backup(), Optional.empty(), Optional.empty())),
                Reason.BackupLocationNotFound,
                "nas");
        assertRefused(
                off().restore(new RestoreFacts(backup(status -> status).backup(), location("other"), Optional.empty())),
                Reason.NamespaceNotAllowed,
                "nas");
        assertRefused(off().key(KeyFixture.NO_KEY), Reason.KeyMissing);
    }

    @Test
    void onlyFromTheStoreThatTheBackupIsInAndOnANodeThatFindsIt() {
        RestoreFacts elsewhere = backup(status -> status.locationID(DIGEST.substring(0, 36)));
        assertRefused(
                off().restore(elsewhere),
                Reason.BackupLocationUnavailable,
                "VMBackup monday is in store " + DIGEST.substring(0, 36),
                "BackupLocation nas means store " + BackupLocations.ID);
        RestoreFacts facts = backup(status -> status);
        RestoreFacts onHostB = RestoreFactsBuilder.builder(facts)
                .location(facts.location().map(location -> BackupLocations.foundOn(location, "host-b")))
                .build();
        assertRefused(
                off().restore(onHostB),
                Reason.BackupLocationUnavailable,
                "node host-a has not reported yet what it finds in the folder of BackupLocation nas");
        assertThat(off().restore(onHostB)
                        .sharedLocation()
                        .step(RestoreStep.Begin.class)
                        .restore()
                        .nodeName())
                .isEqualTo("host-b");
    }

    @Test
    void anotherNodeThatHasTheFolderDoesItWhereTheLastOneIsNotThere() {
        assertRefused(off().silent("host-a"), Reason.WorkingCopyElsewhere, "host-a");
        assertThat(off().silent("host-a")
                        .sharedLocation()
                        .step(RestoreStep.Begin.class)
                        .restore()
                        .nodeName())
                .isEqualTo("host-b");
    }

    @Test
    void whereItsNodeDiesAnotherOneGoesOn() {
        assertWaits(begun().silent("host-a").sharedLocation().with(run(null)), Reason.Restoring, "kubectl tlvm fence");

        VmScene dead = begun().sharedLocation().fenced("host-a").with(run(null));
        Restore moved = dead.step(RestoreStep.Begin.class).restore();

        assertThat(moved.nodeName()).isEqualTo("host-b");
        assertThat(moved.uid())
                .isEqualTo(begun().facts().vm().restores().last().orElseThrow().uid());
        assertWaits(dead.written(), Reason.Restoring, "host-b");
        assertThat(dead.written().restore(RestoreFacts.NONE).step()).isInstanceOf(RestoreStep.CreateRun.class);
        assertThat(begun().sharedLocation()
                        .fenced("host-a")
                        .with(run(completed()))
                        .step())
                .as("it was done before")
                .isInstanceOf(RestoreStep.End.class);
    }

    /** The host may be back, in a boot that it has not answered from. */
    @Test
    void noOtherOneGoesOnWhileTheProofMayBeFromABackup() {
        assertWaits(
                begun().sharedLocation().fenced("host-a").with(run(null)).unanswered("host-a"),
                Reason.AwaitingInventory,
                "host-a");
    }

    /** Its disks were on one node alone. */
    @Test
    void whereItsNodeIsProvedDeadAnotherOneMakesTheFolder() {
        VmScene dead = lost();

        Restore restore = dead.step(RestoreStep.Begin.class).restore();
        assertThat(restore.nodeName()).isEqualTo("host-b");
        assertThat(restore.storageLocation()).isEqualTo("default");

        VmScene fourth = restoredOn(dead).strategy(RunStrategy.Always);
        assertStartsOn("host-b", fourth);
        VMIncarnationSpec started = created(fourth.written());
        assertThat(started.nodeName()).isEqualTo("host-b");
        assertThat(started.epoch()).isEqualTo(4);
        assertThat(started.approvedGuestState()).isEqualTo(SAVED);
        assertThat(started.afterFences())
                .as("if the node is not dead, its guest may run")
                .isNotEmpty();
    }

    /** Its agent seals what the guest had left, in a folder that is the VM's no more. */
    @Test
    void aDeadNodeThatComesBackDoesNotGetTheVmBack() {
        VmScene started = restoredOn(lost()).strategy(RunStrategy.Always).written();
        VmScene back = started.incarnation(3, Stopped, ended(Exit.Crashed).guestState(sealed(3, 20)))
                .heard("host-a")
                .incarnation(
                        4, Running, reported(VMIncarnationStatus.Phase.Running).guestState(sealed(4, 1)))
                .incarnation(4, spec -> spec.nodeName("host-b"));

        assertThat(back.facts().guestState().home().known().orElseThrow().nodeName())
                .isEqualTo("host-b");
        assertThat(back.step()).isInstanceOf(RemovalStep.RemoveIncarnation.class);
        VmScene off = back.removed(3)
                .incarnation(4, Stopped, ended(Exit.Shutdown).guestState(sealed(4, 2)))
                .incarnation(4, spec -> spec.nodeName("host-b"));
        assertStartsOn("host-b", off);
        assertRefused(off.silent("host-b"), Reason.WorkingCopyElsewhere, "host-b");
    }

    @Test
    void aUserWhoHasItRestoredElsewhereNeedNotAllowAFailoverAsWell() {
        VmScene restored = restoredOn(lost().spec(changed -> changed.failoverStrategy(FailoverStrategy.None)));

        assertStartsOn("host-b", restored.strategy(RunStrategy.Always));
    }

    @Test
    void aNodeThatIsNoneOfThisClusterIsNotWaitedFor() {
        assertThat(off().gone("host-a").step(RestoreStep.Begin.class).restore().nodeName())
                .isEqualTo("host-b");
        assertRefused(off().gone("host-a").cordoned("host-b"), Reason.NoNodeFits, "host-b");
    }

    @Test
    void nobodyMakesAFolderWhileTheNodeMayComeBack() {
        assertRefused(off().silent("host-a"), Reason.WorkingCopyElsewhere, "kubectl tlvm fence host-a");
    }

    /** The record was restored from an older one than the backup. */
    @Test
    void theNextEpochIsLaterThanTheBackup() {
        VmScene restored = restoredOn(lost().restore(backup(status -> status.result(BackupResultBuilder.builder()
                .indexSHA256(DIGEST)
                .guestState(new GuestStateVersion(9L, 1L))
                .build()))));

        assertThat(restored.strategy(RunStrategy.Always)
                        .step(VmStep.ReserveEpoch.class)
                        .epoch())
                .isEqualTo(10);
    }

    @Test
    void aDeletionRemovesAFolderThatNoIncarnationHasBegunFrom() {
        VmScene deleted = restoredOn(lost()).metadata(changed -> changed);
        VmScene erasing = deleted.incarnation(3, Erased, reported(VMIncarnationStatus.Phase.Erased))
                .key(KeyFixture.NO_KEY)
                .deleted();

        VMIncarnationSpec erased = created(erasing);
        assertThat(erased.nodeName()).isEqualTo("host-b");
        assertThat(erased.desiredState()).isEqualTo(Erased);
        assertThat(erased.epoch()).isEqualTo(4);
    }

    @Test
    void theNextStartIsFromTheBackupThoughNewerStatesAreOnRecord() {
        VmScene restored = restored();
        TrustedLaunchVMStatus status = restored.vm().getStatus();
        assertThat(status.restore().outcome()).isEqualTo(RestoreOutcome.Completed);
        assertThat(status.restore().completionTime()).isEqualTo(NOON.toString());
        assertThat(restored.step(VmStep.Settled.class).reason()).isEqualTo(Reason.Halted);

        VmScene fourth = restored.strategy(RunStrategy.Always).written();

        assertThat(created(fourth).epoch()).isEqualTo(4);
        assertThat(created(fourth).approvedGuestState()).isEqualTo(SAVED);
    }

    @Test
    void theApprovalGoesOnRecordWithTheBackupAndIsUsedUp() {
        VmScene running = restored()
                .strategy(RunStrategy.Always)
                .written()
                .removed(3)
                .incarnation(
                        4,
                        Running,
                        reported(VMIncarnationStatus.Phase.Prepared)
                                .reason("Starting")
                                .guestState(sealed(4, 1)))
                .given(SAVED.epoch(), SAVED.generation());
        assertThat(running.newStatus().guestState().approval())
                .isEqualTo(new Approval(SAVED, "ada", NOON.toString(), 4L, "monday"));

        VmScene over = running.written()
                .incarnation(4, Running, ended(Exit.Crashed).guestState(sealed(4, 1)))
                .given(SAVED.epoch(), SAVED.generation());
        assertThat(over.step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertThat(created(over.written()).approvedGuestState()).isNull();
    }

    @Test
    void anIncarnationThatNeverClaimedTheHomeHasNotUsedIt() {
        VmScene over = restored()
                .strategy(RunStrategy.Always)
                .written()
                .removed(3)
                .incarnation(4, Stopped, ended(Exit.NeverRan))
                .given(SAVED.epoch(), SAVED.generation());

        assertThat(created(over.written()).approvedGuestState()).isEqualTo(SAVED);
    }

    /** Somebody with the rights of an administrator has created another one of its name; it is removed. */
    @Test
    void aRunThatIsNotTheOneOnRecordEndsNothing() {
        for (UnaryOperator<RestoreRunSpecBuilder> other : List.<UnaryOperator<RestoreRunSpecBuilder>>of(
                spec -> spec.nodeName("host-b"),
                spec -> spec.epoch(2L),
                spec -> spec.disks(List.of("data")),
                spec -> spec.guestState(new GuestStateVersion(1L, 1L)),
                spec -> spec.vmRef(new VMIncarnationSpec.VmRef(Vms.NAMESPACE, Vms.NAME, VmScene.OWN_UID, null)))) {
            assertWaits(
                    begun().with(run(completed(), other)), Reason.Restoring, "host-a restores the VM from VMBackup");
        }
    }

    @Test
    void aFailedRestoreHoldsTheStartUntilAUserDecides() {
        VmScene failed = begun().with(run(
                        new RestoreRunStatus(RunPhase.Failed, Reason.BackupDamaged.name(), "data-00000 was altered")))
                .written();
        assertThat(failed.vm().getStatus().restore().reason()).isEqualTo(Reason.BackupDamaged.name());
        assertRefused(failed, Reason.RestoreFailed, "BackupDamaged", "was altered", "remove spec.approveRestore");
        assertRefused(failed.strategy(RunStrategy.Always), Reason.RestoreFailed);

        VmScene decided = failed.spec(changed -> changed.approveRestore(null));
        assertThat(decided.step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertThat(created(decided.written()).approvedGuestState()).isNull();
    }

    /** Its node was not dead after all. What the guest left elsewhere waits for the restore no more. */
    @Test
    void aFailedRestoreIsOnRecordAlsoIfTheGuestRunsOn() {
        RestoreRunStatus failed = new RestoreRunStatus(RunPhase.Failed, Reason.FenceContradicted.name(), null);
        assertThat(runsOn(begun().with(run(failed)))
                        .written()
                        .vm()
                        .getStatus()
                        .restore()
                        .outcome())
                .isEqualTo(RestoreOutcome.Failed);
        assertThat(runsOn(begun().with(run(completed())))
                        .written()
                        .vm()
                        .getStatus()
                        .restore()
                        .outcome())
                .as("the VM's files are where its guest is")
                .isNull();
    }

    private static VmScene runsOn(VmScene scene) {
        return scene.strategy(RunStrategy.Always)
                .incarnation(
                        3, Running, reported(VMIncarnationStatus.Phase.Running).guestState(sealed(3, 9)));
    }

    @Test
    void anApprovalThatWasRemovedCanBeGivenAgain() {
        VmScene failed = begun().with(run(new RestoreRunStatus(RunPhase.Failed, "?", null)))
                .written()
                .spec(changed -> changed.approveRestore(null))
                .written();
        assertThat(failed.vm().getStatus().restore()).isNull();

        assertThat(approved(failed).step()).isInstanceOf(RestoreStep.Begin.class);
    }

    /** Otherwise its disks would be those of the backup, and its TPM a newer one. */
    @Test
    void aRestoreThatNoStartHasUsedStaysOnRecord() {
        VmScene restored =
                restored().spec(changed -> changed.approveRestore(null)).written();

        assertThat(restored.vm().getStatus().restore()).isNotNull();
        assertThat(created(restored.strategy(RunStrategy.Always).written()).approvedGuestState())
                .isEqualTo(SAVED);
    }

    /** The files are those of the first; nothing else says which guest state goes with them. */
    @Test
    void aRestoreThatFailsLeavesTheNextStartToTheOneBeforeIt() {
        VmScene again = restored()
                .spec(changed -> changed.approveRestore(new ApprovedRestore(new ObjectRef("tuesday"), "ada")))
                .restore(backup(status -> status));
        assertThat(again.step()).isInstanceOf(RestoreStep.Begin.class);
        VmScene failed = again.written()
                .with(run(new RestoreRunStatus(RunPhase.Failed, "?", null)))
                .written()
                .restore(RestoreFacts.NONE)
                .spec(changed -> changed.approveRestore(null))
                .strategy(RunStrategy.Always);

        assertThat(failed.vm().getStatus().restore().outcome()).isEqualTo(RestoreOutcome.Failed);
        assertThat(created(failed.written()).approvedGuestState()).isEqualTo(SAVED);
    }

    @Test
    void itIsForgottenOnceItIsUsedAndItsApprovalIsGone() {
        VmScene running = restored()
                .strategy(RunStrategy.Always)
                .written()
                .removed(3)
                .incarnation(
                        4, Running, reported(VMIncarnationStatus.Phase.Running).guestState(sealed(4, 1)))
                .given(SAVED.epoch(), SAVED.generation());
        assertThat(running.newStatus().restore()).isNotNull();
        assertThat(running.spec(changed -> changed.approveRestore(null))
                        .newStatus()
                        .restore())
                .isNull();
    }

    @Test
    void aDeletionWaitsUntilItsAgentHasEndedIt() {
        assertWaits(begun().with(run(null)).deleted(), Reason.Deleting, "host-a");
        assertThat(begun().with(run(completed())).deleted().step()).isInstanceOf(VmStep.Erase.class);
        assertThat(begun().deleted().step()).isInstanceOf(VmStep.Erase.class);
        assertThat(begun().with(run(null)).fenced("host-a").deleted().step()).isInstanceOf(VmStep.Erase.class);
    }

    /** What was there is set aside in the VM's folder. */
    @Test
    void aRestoreCountsForAllDisksOnceMore() {
        Charge before = new Charge(null, null, new Quantity("10Gi"), null);
        VmScene off = off().charged(before);
        assertRefused(
                off.quota(hard -> hard.storage(new Quantity("25Gi")), others -> others.storage(6L << 30)),
                Reason.QuotaExceeded,
                "storage: 10Gi more wanted, 16Gi of 25Gi in use, 1Gi missing");
        off.quota(hard -> hard.storage(new Quantity("26Gi")), others -> others.storage(6L << 30));
        assertThat(off.newStatus().charged())
                .isEqualTo(new Charge(null, null, new Quantity("10Gi"), new Quantity("10Gi")));

        VmScene begun = off.written().restore(RestoreFacts.NONE).quota(hard -> hard, others -> others);
        assertThat(begun.sharedLocation().fenced("host-a").newStatus().charged().setAside())
                .as("it goes on elsewhere")
                .isEqualTo(new Quantity("10Gi"));
        RestoreRunStatus failed = new RestoreRunStatus(RunPhase.Failed, "NoSpace", "full");
        VmScene ended =
                begun().charged(begun.facts().vm().status().orElseThrow().charged());
        assertThat(ended.with(run(failed)).newStatus().charged()).isEqualTo(before);
        assertThat(ended.with(run(completed())).newStatus().charged().setAside())
                .isEqualTo(new Quantity("10Gi"));
    }

    @Test
    void nothingIsSetAsideWhereTheFolderIsLost() {
        Charge before = new Charge(null, null, new Quantity("10Gi"), null);
        assertThat(lost().charged(before).newStatus().charged()).isEqualTo(before);
    }

    /** Its last incarnation has ended, with a newer state than the backup's; a user approves. */
    private static VmScene off() {
        return approved(VmScene.recorded(3)
                .home("host-a", 3, true)
                .incarnation(3, Stopped, ended(Exit.Shutdown).guestState(sealed(3, 9)))
                .withoutEnvelope());
    }

    /** Its node has died with its disks. */
    private static VmScene lost() {
        return approved(VmScene.recorded(3)
                        .home("host-a", 3, false)
                        .incarnation(
                                3,
                                Stopped,
                                reported(VMIncarnationStatus.Phase.Running).guestState(sealed(3, 9))))
                .fenced("host-a");
    }

    /** Its node is proved dead, and it was about to be started there. */
    private static VmScene overtaken() {
        return approved(VmScene.recorded(3)
                        .home("host-a", 2, true)
                        .incarnation(3, Running, reported(VMIncarnationStatus.Phase.Preparing)))
                .strategy(RunStrategy.Always)
                .fenced("host-a");
    }

    private static VmScene restoredOn(VmScene scene) {
        return scene.written().with(run(completed())).written().restore(RestoreFacts.NONE);
    }

    private static VmScene approved(VmScene scene) {
        return scene.strategy(RunStrategy.Halted).approvesRestore("monday").restore(backup(status -> status));
    }

    private static VmScene begun() {
        return off().written().restore(RestoreFacts.NONE);
    }

    private static VmScene restored() {
        return begun().with(run(completed())).written().restore(RestoreFacts.NONE);
    }

    private static RestoreRunStatus completed() {
        return new RestoreRunStatus(RunPhase.Completed, null, null);
    }

    static RestoreFacts backup(UnaryOperator<VMBackupStatusBuilder> change) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder().withName("monday").build());
        backup.setSpec(new VMBackupSpec(new ObjectRef(Vms.NAME), new ObjectRef("nas"), BackupMode.Auto));
        backup.setStatus(change.apply(VMBackupStatusBuilder.builder()
                        .phase(VMBackupStatus.Phase.Completed)
                        .vmUID(Vms.UID)
                        .backupUID(BACKUP)
                        .locationID(BackupLocations.ID.toString())
                        .result(BackupResultBuilder.builder()
                                .indexSHA256(DIGEST)
                                .guestState(SAVED)
                                .build()))
                .build());
        return new RestoreFacts(Optional.of(backup), location(Vms.NAMESPACE), Optional.empty());
    }

    private static Optional<BackupLocation> location(String allowed) {
        BackupLocation location = BackupLocations.named("nas", BackupLocations.folder("/backups", List.of(allowed)));
        return Optional.of(BackupLocations.foundOn(location, "host-a", "host-b", "host-c"));
    }

    @Test
    void itSaysHowFarItIs() {
        RestoreRunStatus half = new RestoreRunStatus(RunPhase.Running, null, null, 62);
        TrustedLaunchVMStatus status = begun().with(run(half)).newStatus();
        assertThat(status.restore().progressPercent()).isEqualTo(62);
        VmScene written = begun().with(run(half)).written();
        assertThat(written.with(run(new RestoreRunStatus(RunPhase.Running, null, null, 74)))
                        .newStatus()
                        .restore()
                        .progressPercent())
                .as("within the same quarter it is not written again")
                .isEqualTo(62);
        assertThat(begun().with(run(new RestoreRunStatus(RunPhase.Running, null, null, 999)))
                        .newStatus()
                        .restore()
                        .progressPercent())
                .isEqualTo(99);
        assertThat(begun().with(run(new RestoreRunStatus(RunPhase.Completed, null, null)))
                        .newStatus()
                        .restore()
                        .progressPercent())
                .isNull();
    }

    @Test
    void fromABucketItBeginsOnceThatAnswersAndGetsARunOnceThatIsSigned() {
        Result<byte[]> away =
                new Result.Refused<>(new Problem(Reason.BackupLocationUnavailable, "cannot reach https://s3.example"));
        RestoreFacts inABucket = new RestoreFacts(backup(status -> status).backup(), bucket(), Optional.empty());
        assertRefused(off().restore(granted(inABucket, away)), Reason.BackupLocationUnavailable, "cannot reach");
        Restore restore = off().restore(inABucket).step(RestoreStep.Begin.class).restore();
        assertThat(restore.location()).isEqualTo(BackupLocations.bucketRef("nas", "https://s3.example/vms"));

        assertRefused(
                begun().restore(granted(RestoreFacts.NONE, away)), Reason.BackupLocationUnavailable, "cannot reach");
        assertThat(begun().restore(granted(RestoreFacts.NONE, new Result.Value<>(new byte[] {1})))
                        .step())
                .isInstanceOf(RestoreStep.CreateRun.class);
    }

    private static RestoreFacts granted(RestoreFacts facts, Result<byte[]> grant) {
        return RestoreFactsBuilder.builder(facts).grant(Optional.of(grant)).build();
    }

    private static Optional<BackupLocation> bucket() {
        BackupLocation location = location(Vms.NAMESPACE).orElseThrow();
        location.setSpec(BackupLocations.bucket(BackupLocationSpecS3Builder.builder()
                .endpoint("https://s3.example")
                .bucket("vms")
                .secretRef(new ObjectRef("s3"))
                .build()));
        return Optional.of(location);
    }

    /** The run of the restore that the scene has on record. */
    static UnaryOperator<VmScene> run(RestoreRunStatus status) {
        return run(status, spec -> spec);
    }

    private static UnaryOperator<VmScene> run(RestoreRunStatus status, UnaryOperator<RestoreRunSpecBuilder> change) {
        return scene -> {
            VmObject vm = scene.facts().vm();
            Restore open = vm.restores().open().orElseThrow();
            RestoreRun run = new RestoreRun();
            run.setMetadata(new ObjectMetaBuilder().withName(open.uid()).build());
            run.setSpec(change.apply(RestoreRunSpecBuilder.builder()
                            .nodeName(open.nodeName())
                            .vmRef(vm.ref())
                            .epoch(open.afterEpoch())
                            .storageLocation(new VMIncarnationSpec.Location(open.storageLocation(), "/vms"))
                            .backup(open.backup())
                            .location(open.location())
                            .disks(open.disks())
                            .guestState(open.guestState())
                            .copyOf(open.copyOf())
                            .startAtOnce(open.startAtOnce()))
                    .build());
            run.setStatus(status);
            return scene.restore(new RestoreFacts(Optional.empty(), Optional.empty(), Optional.of(run)));
        };
    }
}
