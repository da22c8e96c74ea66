package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.VMIncarnationSpec.DesiredState.Erased;
import static io.trustedlaunch.api.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.askedAtEveryStart;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.missing;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.refused;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.retained;
import static io.trustedlaunch.operator.vm.facts.KeyFixture.takenOver;
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
import io.trustedlaunch.api.DataDisk;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.OsDisk;
import io.trustedlaunch.api.OsType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.RetainedVMRecordBuilder;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVMSpec;
import io.trustedlaunch.api.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.status.VmStatus;
import io.trustedlaunch.testkit.GuestImages;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class VmTakeoverTest {
    private static final GuestStateVersion FLOOR = new GuestStateVersion(7L, 3L);
    private static final String OTHER = "0ddba110-0031-4c5f-9f5a-6f8e1f0b7c11";

    @Test
    void aVmThatWasNotRetainedIsNotTakenOver() {
        assertRefused(applied().restoring(), Reason.RetainedVMNotFound, UID);
        assertRefused(applied().restoring().withKey(), Reason.RetainedVMNotFound, UID);
    }

    @Test
    void aVmOfAnotherNamespaceIsNotTakenOverAndItsExistenceIsNotDisclosed() {
        VmScene theirs = applied().restoring().withFinalizer().key(retained(recordIn("payables")));
        assertRefused(theirs, Reason.RetainedVMNotFound, UID);
        assertThat(message(theirs)).isEqualTo(message(applied().restoring()));
        VmScene claimed = applied().restoring().withFinalizer().key(takenOver(recordIn("payables"), OTHER));
        assertThat(message(claimed)).isEqualTo(message(applied().restoring()));
    }

    @Test
    void itIsClaimedAndThenItsRecordIsTakenOver() {
        assertThat(applied().restoring().key(retained(record())).step()).isEqualTo(new VmStep.AddFinalizer());
        assertThat(restoring().step()).isEqualTo(new VmStep.Claim());
        assertThat(restoringFor(OWN_UID).step()).isEqualTo(new VmStep.TakeOver(record()));
    }

    @Test
    void theStatusIsTakenOverAtOnce() {
        VmFacts facts = restoringFor(OWN_UID).facts();
        TrustedLaunchVMStatus status = VmStatus.of(
                        facts, new VmStep.TakeOver(record()), Instant.parse("2026-01-01T00:00:00Z"))
                .orElseThrow();
        assertThat(status.epoch()).isEqualTo(7);
        assertThat(status.nodeName()).isEqualTo("host-a");
        assertThat(status.vTPM()).isEqualTo(record().vTPM());
        assertThat(status.image()).isEqualTo(record().image());
        assertThat(status.guestState()).isEqualTo(record().guestState());
    }

    @Test
    void aVmIsTakenOverByOneVmObjectOnly() {
        assertRefused(restoringFor(OTHER), Reason.RetainedVMInUse, OTHER);
    }

    @Test
    void itsFormerOwnerIsWaitedFor() {
        assertWaits(restoring().facts(facts -> facts.formerOwnerPresent(true)), Reason.RetainedVMInUse);
    }

    @Test
    void aKeySecretWithoutAKeyIsReported() {
        VmScene scene = restoring();
        KeyFacts.Held held = (KeyFacts.Held) scene.facts().key();
        assertRefused(scene.key(new KeyFacts.Invalid(held.secret(), "no key")), Reason.KeyInvalid, UID);
    }

    @Test
    void aVmThatIsDeletedBeforeTheTakeoverGivesUpItsClaimAndNothingElse() {
        assertThat(restoringFor(OWN_UID).deleted().step()).isEqualTo(new VmStep.GiveBack());
        assertThat(restoring().deleted().step()).isEqualTo(new VmStep.Release(List.of(), List.of()));
        assertThat(restoringFor(OTHER).deleted().step()).isEqualTo(new VmStep.Release(List.of(), List.of()));
        assertThat(restoringFor(OTHER)
                        .incarnation(7, Running, reported(Phase.Running))
                        .seen("host-a", 7)
                        .deleted()
                        .step())
                .isEqualTo(new VmStep.Release(List.of(), List.of()));
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
        assertThat(next.image()).isEqualTo(record().image());
    }

    @Test
    void anIneligibleOrMissingImageMattersOnlyIfAPolicyAsksAtEveryStart() {
        assertThat(taken().image(refused(Reason.NoRuleAllows)).step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertThat(taken().image(missing()).step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertRefused(taken().image(askedAtEveryStart(refused(Reason.NoRuleAllows))), Reason.NoRuleAllows, "refused");
    }

    @Test
    void theNextIncarnationIsNotAFirstStartAndHasTheEkAndTheFloor() {
        VmScene reserved = taken().onRecord("host-a", 8);
        VMIncarnationSpec spec = created(reserved.image(missing()));
        assertThat(spec.firstStart()).isFalse();
        assertThat(spec.ekDigest()).isEqualTo(EK);
        assertThat(spec.vmRef().uid()).isEqualTo(UID);
        assertThat(spec.vmRef().owner()).isEqualTo(OWN_UID);
        assertThat(spec.machine().osType()).isEqualTo(OsType.Windows);
        assertThat(spec.machine().image().name()).isEqualTo(record().image().name());
    }

    @Test
    void aHaltedVmTakesOverAndStaysOff() {
        assertThat(restoring().strategy(RunStrategy.Halted).step()).isEqualTo(new VmStep.Claim());
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
        RetainedVMRecord complete = record();
        RetainedVMRecord unsure = incomplete(complete);
        assertThat(taken().key(takenOver(unsure, OWN_UID)).step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertThat(taken().key(takenOver(unsure, OWN_UID)).seen("host-a", 7).step())
                .isInstanceOf(VmStep.CreateIncarnation.class);
        assertThat(taken().key(takenOver(complete, OWN_UID)).seen("host-a", 7).step())
                .isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @Test
    void aCompleteVmStartsOnAnyNodeThatSharesItsFolder() {
        assertStartsOn("host-b", taken().sharedLocation().fenced("host-a"));
        assertRefused(
                taken().key(takenOver(incomplete(record()), OWN_UID))
                        .sharedLocation()
                        .fenced("host-a"),
                Reason.WorkingCopyElsewhere,
                "host-a");
    }

    @Test
    void aDeletionErasesItsKeyAndFiles() {
        VmStep.CreateIncarnation step = taken().deleted().step(VmStep.CreateIncarnation.class);
        assertThat(step.blueprint().getSpec().desiredState()).isEqualTo(Erased);
        assertThat(step.blueprint().getMetadata().getName()).isEqualTo(UID + "-7");
    }

    @Test
    void aVmThatAnotherTookOverChangesNothing() {
        VmScene left = taken().key(takenOver(record(), OTHER));
        assertRefused(left, Reason.RetainedVMInUse, "trustedlaunch.io/taken-over-by");
        assertThat(left.deleted().step()).isEqualTo(new VmStep.Release(List.of(), List.of()));
    }

    @Test
    void aMismatchIsReportedWithTheExpectedValue() {
        assertRefused(restoring().osDisk("9Gi"), Reason.RestoreMismatch, "spec.osDisk.size is 9Gi", "10Gi");
        assertThat(restoring().osDisk("11Gi").step()).isEqualTo(new VmStep.Claim());
        assertMisfit(record("csv-01", "ws2022", List.of()), "spec.storageLocationRef names default", "csv-01");
        assertMisfit(record("default", "ws2019", List.of()), "spec.imageRef names ws2022", "ws2019");
        assertMisfit(
                record("default", "ws2022", List.of(new DataDisk("data", new Quantity("1Gi")))),
                "spec.dataDisks lacks data of 1Gi");
    }

    @Test
    void dataDisksHaveTheSameNamesAndAreNotSmaller() {
        RetainedVMRecord record = record("default", "ws2022", List.of(new DataDisk("data", new Quantity("2Gi"))));
        assertThat(TakeoverChecks.misfit(withDisks(new DataDisk("data", new Quantity("3Gi"))), record))
                .isEmpty();
        assertThat(TakeoverChecks.misfit(withDisks(new DataDisk("data", new Quantity("1Gi"))), record))
                .get()
                .asString()
                .contains("data with 1Gi", "2Gi");
        assertThat(TakeoverChecks.misfit(
                        withDisks(new DataDisk("data", new Quantity("2Gi")), new DataDisk("more", new Quantity("1Gi"))),
                        record))
                .get()
                .asString()
                .contains("spec.dataDisks has more");
    }

    private static TrustedLaunchVMSpec withDisks(DataDisk... disks) {
        return TrustedLaunchVMSpecBuilder.builder(restoring().facts().spec())
                .dataDisks(List.of(disks))
                .build();
    }

    private static void assertMisfit(RetainedVMRecord record, String... texts) {
        assertRefused(applied().restoring().withFinalizer().key(retained(record)), Reason.RestoreMismatch, texts);
    }

    private static String message(VmScene scene) {
        return refusal(scene).message();
    }

    /** Its finalizer is there, and no VM object has taken over the VM yet. */
    private static VmScene restoring() {
        return applied().restoring().withFinalizer().key(retained(record()));
    }

    private static VmScene restoringFor(String owner) {
        return restoring().key(takenOver(record(), owner));
    }

    /** The record is its own. */
    private static VmScene taken() {
        return restoringFor(OWN_UID).onRecord("host-a", 7);
    }

    private static RetainedVMRecord incomplete(RetainedVMRecord record) {
        return RetainedVMRecordBuilder.builder(record).complete(false).build();
    }

    private static RetainedVMRecord record() {
        return recordIn("finance");
    }

    private static RetainedVMRecord record(String location, String image, List<DataDisk> dataDisks) {
        return record("finance", location, image, dataDisks);
    }

    private static RetainedVMRecord recordIn(String namespace) {
        return record(namespace, "default", "ws2022", List.of());
    }

    private static RetainedVMRecord record(String namespace, String location, String image, List<DataDisk> dataDisks) {
        return RetainedVMRecordBuilder.builder()
                .namespace(namespace)
                .name("payroll")
                .uid(UID)
                .objectUID(UID)
                .epoch(7L)
                .nodeName("host-a")
                .complete(true)
                .osType(OsType.Windows)
                .image(new TrustedLaunchVMStatus.Image(image, GuestImages.DIGEST, "None"))
                .vTPM(new TrustedLaunchVMStatus.VTpm(EK, null))
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .newest(FLOOR)
                        .floor(FLOOR)
                        .build())
                .storageLocation(location)
                .osDisk(new OsDisk(new Quantity("10Gi")))
                .dataDisks(dataDisks)
                .build();
    }
}
