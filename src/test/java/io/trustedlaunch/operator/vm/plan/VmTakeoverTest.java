package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Erased;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.askedAtEveryStart;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.missing;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.refused;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.retained;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.takenOver;
import static io.trustedlaunch.operator.vm.plan.VmScene.NOON;
import static io.trustedlaunch.operator.vm.plan.VmScene.OWN_UID;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.operator.vm.plan.VmSteps.refusal;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Vms.EK;
import static io.trustedlaunch.testkit.Vms.UID;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RecordedDisk;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.RetainedVMRecordBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.SecureBootState;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Charge;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.operator.vm.facts.EscrowFacts;
import io.trustedlaunch.operator.vm.facts.FormerOwner;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.KeyFixture;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.status.VmStatus;
import io.trustedlaunch.recovery.Escrow;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class VmTakeoverTest {
    private static final GuestStateVersion FLOOR = new GuestStateVersion(7L, 3L);
    private static final String OTHER = "0ddba110-0031-4c5f-9f5a-6f8e1f0b7c11";
    private static final RetainedVMRecord RECORD = RetainedVMRecordBuilder.builder()
            .namespace("finance")
            .name("payroll")
            .uid(UID)
            .objectUID(UID)
            .epoch(7L)
            .osType(OsType.Windows)
            .image(new RecordedImage("ws2022", GuestImages.DIGEST, Provenance.None))
            .vTPM(new TrustedLaunchVMStatus.VTpm(EK, null))
            .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                    .newest(FLOOR)
                    .sealTime("2026-01-01T00:00:00Z")
                    .lagMilliseconds(10L)
                    .floor(FLOOR)
                    .home(new TrustedLaunchVMStatus.Home("default", "host-a", 7L, true, Incarnations.CLUSTER))
                    .build())
            .secureBoot(new SecureBootState(false, false, List.of(2011), List.of(2011), 1))
            .osDisk(new OsDisk(new Quantity("10Gi")))
            .dataDisks(List.of())
            .build();
    private static final RetainedVMRecord INCOMPLETE = home("default", false);
    private static final RetainedVMRecord OF_ANOTHER_NAMESPACE = record(retained -> retained.namespace("payables"));

    @Test
    void aVmThatWasNotRetainedIsNotTakenOver() {
        assertRefused(applied().restoring(), Reason.RetainedVMNotFound, UID);
        assertRefused(applied().restoring().withKey(), Reason.RetainedVMNotFound, UID);
    }

    private static EscrowFacts.Opened escrow(UnaryOperator<RetainedVMRecordBuilder> change) {
        return new EscrowFacts.Opened(
                new Escrow(KeyFixture.protectionKey(), Vms.vm(Vms.spec().build()), record(change)), UID, FLOOR);
    }

    private static VmScene fromBackup(EscrowFacts escrow) {
        return applied()
                .restoring()
                .approvesRestore("monday")
                .escrow(escrow)
                .takeover(facts -> facts.namespaceUID(Optional.of("here")));
    }

    /** It was deleted with its key: the backup that a user has approved brings that back, and then it is a takeover as ever. */
    @Test
    void aKeyThatIsGoneComesBackFromTheApprovedBackup() {
        EscrowFacts.Opened opened = escrow(record -> record);
        assertThat(fromBackup(opened).step()).isEqualTo(new VmStep.AddFinalizer());

        RetentionStep.RestoreKey restored = fromBackup(opened).withFinalizer().step(RetentionStep.RestoreKey.class);

        assertThat(restored.key()).isEqualTo(KeyFixture.protectionKey());
        assertThat(restored.record().epoch()).isEqualTo(1007);
        assertThat(restored.record().namespaceUID()).isEqualTo("here");
        assertThat(restored.record().guestState().floor()).isEqualTo(FLOOR);
        assertThat(fromBackup(new EscrowFacts.None())
                        .withFinalizer()
                        .key(retained(restored.record()))
                        .step())
                .isEqualTo(new RetentionStep.Claim());
    }

    /** Two machines with one identity and one TPM must never be. */
    @Test
    void noKeyComesBackWhileTheVmIsThere() {
        assertWaits(
                fromBackup(escrow(record -> record)).withFinalizer().takeover(facts -> facts.identityInUse(true)),
                Reason.RetainedVMInUse,
                "still exists");
        assertWaits(
                fromBackup(escrow(record -> record)).withFinalizer().incarnation(7, Erased),
                Reason.RetainedVMInUse,
                "still exists");
    }

    @Test
    void aKeyComesBackOnlyToTheVmThatItWasOf() {
        assertRefused(
                fromBackup(escrow(record -> record.uid(OTHER))).withFinalizer(),
                Reason.EscrowUnusable,
                "of another VM");
        assertRefused(
                fromBackup(escrow(record -> record.namespace("payables"))).withFinalizer(),
                Reason.EscrowUnusable,
                "of another VM");
        EscrowFacts.Opened opened = escrow(record -> record);
        assertRefused(
                fromBackup(new EscrowFacts.Opened(opened.escrow(), OTHER, FLOOR))
                        .withFinalizer(),
                Reason.EscrowUnusable,
                "is of VM " + OTHER);
    }

    @Test
    void withoutAnEscrowItSaysWhyAndWhatToDo() {
        assertRefused(
                fromBackup(new EscrowFacts.Unusable("VMBackup monday has no escrow")),
                Reason.EscrowUnusable,
                "VMBackup monday has no escrow. Approve another of its backups, or ask an administrator to import it");
        assertRefused(fromBackup(new EscrowFacts.None()), Reason.RetainedVMNotFound, UID);
    }

    /** A key that is there and damaged may be repaired; another one is not put in its place. */
    @Test
    void aKeyThatIsThereIsNotReplaced() {
        assertRefused(fromBackup(escrow(record -> record)).withKey().withFinalizer(), Reason.RetainedVMNotFound, UID);
        assertRefused(
                fromBackup(escrow(record -> record)).key(KeyFixture.invalid()).withFinalizer(),
                Reason.RetainedVMNotFound,
                UID);
    }

    @Test
    void aVmOfAnotherNamespaceIsNotTakenOverAndItsExistenceIsNotDisclosed() {
        VmScene theirs = applied().restoring().withFinalizer().key(retained(OF_ANOTHER_NAMESPACE));
        assertRefused(theirs, Reason.RetainedVMNotFound, UID);
        assertThat(refusal(theirs).message())
                .isEqualTo(refusal(applied().restoring()).message());
        VmScene claimed = applied().restoring().withFinalizer().key(takenOver(OF_ANOTHER_NAMESPACE, OTHER));
        assertThat(refusal(claimed).message())
                .isEqualTo(refusal(applied().restoring()).message());
    }

    /** The attacker got a namespace with the name of one that was deleted, and knows the UID of a VM that it kept. */
    @Test
    void aVmOfADeletedNamespaceIsNotTakenOverFromAnotherOneOfItsName() {
        RetainedVMRecord kept = record(retained -> retained.namespaceUID("first"));
        VmScene theirs = applied()
                .restoring()
                .withFinalizer()
                .key(retained(kept))
                .takeover(facts -> facts.namespaceUID(Optional.of("second")));
        assertRefused(theirs, Reason.RetainedVMNotFound, UID);
        assertThat(refusal(theirs).message())
                .isEqualTo(refusal(applied().restoring()).message());

        assertThat(applied()
                        .restoring()
                        .withFinalizer()
                        .key(retained(kept))
                        .takeover(facts -> facts.namespaceUID(Optional.of("first")))
                        .step())
                .isEqualTo(new RetentionStep.Claim());
        assertThat(restoring()
                        .takeover(facts -> facts.namespaceUID(Optional.of("any")))
                        .step())
                .isEqualTo(new RetentionStep.Claim());
    }

    @Test
    void itIsClaimedAndThenItsRecordIsTakenOver() {
        assertThat(applied().restoring().key(retained(RECORD)).step()).isEqualTo(new VmStep.AddFinalizer());
        assertThat(restoring().step()).isEqualTo(new RetentionStep.Claim());
        assertThat(restoringFor(OWN_UID).step()).isEqualTo(new RetentionStep.TakeOver(RECORD));
    }

    /** It was deleted with deletionPolicy Retain, and comes back as it is in one of its backups. */
    @Test
    void itGoesBackToOneOfItsBackupsBeforeItsFirstStart() {
        VmScene taken = restoringFor(OWN_UID)
                .written()
                .approvesRestore("monday")
                .restore(RestorePlanTest.backup(status -> status));

        Restore restore = taken.step(RestoreStep.Begin.class).restore();
        assertThat(restore.nodeName()).isEqualTo("host-a");
        assertThat(restore.afterEpoch()).isEqualTo(7);
        assertRefused(
                restoringFor(OWN_UID)
                        .written()
                        .approvesRestore("monday")
                        .restore(RestorePlanTest.backup(status -> status.vmUID(OWN_UID))),
                Reason.BackupNotUsable,
                "is of another VM");
    }

    /** Its folder may be lost, or it comes from another cluster. */
    @Test
    void whoRestoresItFromABackupMayPutItIntoAnotherStorageLocation() {
        RetainedVMRecord elsewhere = home("csv-01", true);
        VmScene taken = restoring()
                .approvesRestore("monday")
                .strategy(RunStrategy.Halted)
                .restore(RestorePlanTest.backup(status -> status));
        assertThat(taken.key(retained(elsewhere)).step()).isEqualTo(new RetentionStep.Claim());
        taken = taken.key(takenOver(elsewhere, OWN_UID)).written();

        Restore restore = taken.step(RestoreStep.Begin.class).restore();
        assertThat(restore.storageLocation()).isEqualTo("default");
        assertRefused(
                taken.offers(offers -> offers.locations(
                        Map.of("default", new StorageLocationSpec(Nodes.FOLDER, List.of("payables"))))),
                Reason.NamespaceNotAllowed,
                "StorageLocation default");
        assertRefused(
                taken.spec(spec -> spec.approveRestore(null)).strategy(RunStrategy.Always),
                Reason.SpecMismatch,
                "csv-01");
    }

    @Test
    void theStatusIsTakenOverAtOnce() {
        VmFacts facts = restoringFor(OWN_UID).facts();
        TrustedLaunchVMStatus status =
                VmStatus.of(facts, new RetentionStep.TakeOver(RECORD), NOON).orElseThrow();
        assertThat(status.epoch()).isEqualTo(7);
        assertThat(status.nodeName()).isEqualTo("host-a");
        assertThat(status.vTPM()).isEqualTo(RECORD.vTPM());
        assertThat(status.image()).isEqualTo(RECORD.image());
        assertThat(status.guestState()).isEqualTo(RECORD.guestState());
        assertThat(status.secureBoot())
                .as("a policy refuses the next start, too")
                .isEqualTo(RECORD.secureBoot());
    }

    /** A manifest keeps the annotation of the last restart, and the guest may run. */
    @Test
    void aRestartOfTheFormerOwnerIsNotRepeated() {
        VmScene taken = restoringFor(OWN_UID)
                .metadata(metadata -> metadata.addToAnnotations(Api.RESTARTED_AT, "2026-11-24T10:00:00Z"))
                .written();
        assertThat(taken.facts().vm().epoch()).isEqualTo(7);
        assertThat(taken.facts().vm().isRestartRequested()).isFalse();
        taken.metadata(metadata -> metadata.addToAnnotations(Api.RESTARTED_AT, "2026-11-25T10:00:00Z"));
        assertThat(taken.facts().vm().isRestartRequested()).isTrue();
    }

    @Test
    void aVmIsTakenOverByOneVmObjectOnly() {
        assertRefused(restoringFor(OTHER), Reason.RetainedVMInUse, OTHER);
    }

    /** The Secret of its key was away when that VM was deleted, and names it for ever. */
    @Test
    void aVmIsTakenOverFromOneThatIsGone() {
        VmScene scene = restoringFor(OTHER).takeover(facts -> facts.formerOwner(FormerOwner.GONE));
        assertThat(scene.step()).isEqualTo(new RetentionStep.Inherit(INCOMPLETE));
        assertRefused(
                scene.takeover(facts -> facts.formerOwner(FormerOwner.GONE_BUT_FOR_A_GUEST)),
                Reason.RetainedVMInUse,
                OTHER,
                "spec.desiredState to Stopped");
    }

    /** Only with the key can it be written down where the VM is now. */
    @Test
    void aVmThatSaysThatItHasTakenOverIsNotReleasedWithoutItsKey() {
        VmScene scene = taken().key(KeyFixture.NO_KEY).retained().deleted();
        assertRefused(scene, Reason.KeyMissing, UID, "deletionPolicy to Delete");
        assertThat(taken().key(KeyFixture.NO_KEY).deleted().step())
                .isEqualTo(new RemovalStep.Release(List.of(), List.of()));
        assertThat(applied().restoring().withFinalizer().retained().deleted().step())
                .isEqualTo(new RemovalStep.Release(List.of(), List.of()));
    }

    @Test
    void itsFormerOwnerIsWaitedFor() {
        assertWaits(restoring().takeover(facts -> facts.formerOwner(FormerOwner.PRESENT)), Reason.RetainedVMInUse);
    }

    @Test
    void aKeySecretWithoutAKeyIsReported() {
        VmScene scene = restoring();
        KeyFacts.Held held = (KeyFacts.Held) scene.facts().key();
        assertRefused(scene.key(new KeyFacts.Invalid(held.secret(), "no key")), Reason.KeyInvalid, UID);
    }

    @Test
    void aVmThatIsDeletedBeforeTheTakeoverGivesUpItsClaimAndNothingElse() {
        assertThat(restoringFor(OWN_UID).deleted().step()).isEqualTo(new RetentionStep.GiveBack());
        assertThat(restoring().deleted().step()).isEqualTo(new RemovalStep.Release(List.of(), List.of()));
        assertThat(restoringFor(OTHER).deleted().step()).isEqualTo(new RemovalStep.Release(List.of(), List.of()));
        assertThat(restoringFor(OTHER)
                        .incarnation(7, Running, reported(Phase.Running))
                        .seen("host-a", 7)
                        .deleted()
                        .step())
                .isEqualTo(new RemovalStep.Release(List.of(), List.of()));
    }

    @Test
    void aDomainOfAVmThatAnotherTookOverIsNotAdopted() {
        assertRefused(restoringFor(OTHER).seen("host-b", 9), Reason.RetainedVMInUse, OTHER);
    }

    @Test
    void theNextIncarnationStartsOnTheNodeOfTheRetainedOne() {
        VmStep.ReserveEpoch next = taken().step(VmStep.ReserveEpoch.class);
        assertThat(next.epoch()).isEqualTo(8);
        assertThat(next.node()).isEqualTo("host-a");
        assertThat(next.image()).contains(RECORD.image());
    }

    @Test
    void anIneligibleOrMissingImageMattersOnlyIfAPolicyAsksAtEveryStart() {
        assertThat(taken().image(refused(Reason.NoRuleAllows)).step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertThat(taken().image(missing()).step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertRefused(taken().image(askedAtEveryStart(refused(Reason.NoRuleAllows))), Reason.NoRuleAllows, "refused");
    }

    @Test
    void theNextIncarnationIsNotAFirstStartAndHasTheEkAndTheFloor() {
        VmScene reserved = taken().status(status -> status.epoch(8L));
        VMIncarnationSpec spec = created(reserved.image(missing()));
        assertThat(spec.firstStart()).isFalse();
        assertThat(spec.ekDigest()).isEqualTo(EK);
        assertThat(spec.vmRef().uid()).isEqualTo(UID);
        assertThat(spec.vmRef().owner()).isEqualTo(OWN_UID);
        assertThat(spec.machine().osType()).isEqualTo(OsType.Windows);
        assertThat(spec.machine().image().name()).isEqualTo(RECORD.image().name());
    }

    @Test
    void aHaltedVmTakesOverAndStaysOff() {
        assertThat(restoring().strategy(RunStrategy.Halted).step()).isEqualTo(new RetentionStep.Claim());
        assertThat(taken().strategy(RunStrategy.Halted)
                        .step(VmStep.Settled.class)
                        .reason())
                .isEqualTo(Reason.Halted);
    }

    @Test
    void theEndOfAnIncarnationOnALostNodeIsAwaited() {
        VmScene left = taken().incarnation(7, Stopped, reported(Phase.Running));
        assertThat(left.step()).isInstanceOf(VmStep.Wait.class);
        assertThat(left.incarnation(7, Stopped, ended(Exit.PoweredOff)).step()).isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @Test
    void aDomainOfTheLastIncarnationIsNotTakenForOneThatEnded() {
        assertThat(taken(INCOMPLETE).step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertThat(taken(INCOMPLETE).seen("host-a", 7).step()).isInstanceOf(VmStep.CreateIncarnation.class);
        assertThat(taken().key(takenOver(RECORD, OWN_UID)).seen("host-a", 7).step())
                .isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @Test
    void aCompleteVmStartsOnAnyNodeThatSharesItsFolder() {
        assertStartsOn("host-b", taken().sharedLocation().outOfService("host-a"));
        VmScene incomplete = taken(INCOMPLETE).sharedLocation();
        assertRefused(incomplete.outOfService("host-a"), Reason.WorkingCopyElsewhere, "host-a");
        assertStartsOn("host-b", incomplete.fenced("host-a"));
    }

    @Test
    void aDeletionErasesItsKeyAndFiles() {
        VmStep.CreateIncarnation step = taken().deleted().step(VmStep.CreateIncarnation.class);
        assertThat(step.incarnation().getSpec().desiredState()).isEqualTo(Erased);
        assertThat(step.incarnation().getMetadata().getName()).isEqualTo(UID + "-7");
    }

    @Test
    void aVmThatAnotherTookOverChangesNothing() {
        VmScene left = heldBy(OTHER, taken());
        assertRefused(left, Reason.RetainedVMInUse, OTHER);
        assertThat(left.deleted().step()).isEqualTo(new RemovalStep.Release(List.of(), List.of()));
    }

    @Test
    void aMismatchIsReportedWithTheExpectedValue() {
        assertRefused(restoring().osDisk("9Gi"), Reason.RestoreMismatch, "spec.osDisk.size is 9Gi", "10Gi");
        assertThat(restoring().osDisk("11Gi").step()).isEqualTo(new RetentionStep.Claim());
        assertMisfit(home("csv-01", true), "spec.storageLocationRef names default", "csv-01");
        assertMisfit(
                record(retained -> retained.image(new RecordedImage("ws2019", GuestImages.DIGEST, Provenance.None))),
                "spec.imageRef names ws2022",
                "ws2019");
        assertMisfit(withDisk("1Gi"), "spec.dataDisks lacks data of 1Gi");
    }

    @Test
    void dataDisksAreAllThereAndNotSmaller() {
        RetainedVMRecord record = withDisk("2Gi");
        assertThat(TakeoverChecks.mismatch(withDisks(disk("data", "3Gi")), record))
                .isEmpty();
        assertThat(TakeoverChecks.mismatch(withDisks(disk("data", "1Gi")), record))
                .get()
                .asString()
                .contains("data with 1Gi", "2Gi");
        assertThat(TakeoverChecks.mismatch(withDisks(disk("data", "2Gi"), disk("more", "1Gi")), record))
                .as("its first start adds it")
                .isEmpty();
    }

    private static TrustedLaunchVMSpec withDisks(DataDisk... disks) {
        return TrustedLaunchVMSpecBuilder.builder(restoring().facts().vm().spec())
                .dataDisks(List.of(disks))
                .build();
    }

    /** Its files count already. */
    @Test
    void aTakeoverAsksForOneVm() {
        for (VmScene scene : List.of(restoring(), restoringFor(OWN_UID))) {
            scene.quota(hard -> hard.vms(2L), others -> others.vms(2));
            assertRefused(scene, Reason.QuotaExceeded, "vms: 1 more wanted, 2 of 2 in use");
            scene.quota(hard -> hard.vms(3L), others -> others.vms(2));
            assertThat(scene.step()).isInstanceOf(RetentionStep.class);
        }
        assertThat(restoringFor(OWN_UID).newStatus().charged())
                .isEqualTo(new Charge(null, null, new Quantity("10Gi"), null));
        assertThat(restoringFor(OWN_UID)
                        .key(takenOver(record(retained -> retained.setAside(new Quantity("4Gi"))), OWN_UID))
                        .newStatus()
                        .charged()
                        .setAside())
                .isEqualTo(new Quantity("4Gi"));
    }

    private static void assertMisfit(RetainedVMRecord record, String... texts) {
        assertRefused(applied().restoring().withFinalizer().key(retained(record)), Reason.RestoreMismatch, texts);
    }

    /** Its finalizer is there, and no VM object has taken over the VM yet. */
    private static VmScene restoring() {
        return applied().restoring().withFinalizer().key(retained(RECORD));
    }

    private static VmScene restoringFor(String owner) {
        return heldBy(owner, restoring());
    }

    private static VmScene heldBy(String owner, VmScene scene) {
        return scene.key(takenOver(RECORD, owner))
                .takeover(facts -> facts.formerOwner(owner.equals(OTHER) ? FormerOwner.PRESENT : FormerOwner.GONE));
    }

    /** The record is its own. */
    private static VmScene taken() {
        return taken(RECORD);
    }

    private static VmScene taken(RetainedVMRecord record) {
        return restoring()
                .key(takenOver(record, OWN_UID))
                .onRecord("host-a", 7)
                .status(status -> status.guestState(record.guestState()));
    }

    private static RetainedVMRecord home(String location, boolean complete) {
        return record(
                retained -> retained.guestState(TrustedLaunchVMStatusGuestStateBuilder.builder(RECORD.guestState())
                        .home(new TrustedLaunchVMStatus.Home(location, "host-a", 7L, complete, Incarnations.CLUSTER))
                        .build()));
    }

    private static RetainedVMRecord record(UnaryOperator<RetainedVMRecordBuilder> change) {
        return change.apply(RetainedVMRecordBuilder.builder(RECORD)).build();
    }

    private static RetainedVMRecord withDisk(String size) {
        return record(retained -> retained.dataDisks(List.of(new RecordedDisk("data", new Quantity(size)))));
    }

    private static DataDisk disk(String name, String size) {
        return new DataDisk(name, new Quantity(size));
    }
}
