package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.operator.vm.plan.VmScene.EK;
import static io.trustedlaunch.operator.vm.plan.VmScene.OWN_UID;
import static io.trustedlaunch.operator.vm.plan.VmScene.UID;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.DataDisk;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.OsDisk;
import io.trustedlaunch.api.OsType;
import io.trustedlaunch.api.Provenance;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.RetainedVMRecordBuilder;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVMSpec;
import io.trustedlaunch.api.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.status.VmStatus;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class VmTakeoverTest {
    private static final GuestStateVersion FLOOR = new GuestStateVersion(7L, 3L);
    private static final String OTHER = "0ddba110-0031-4c5f-9f5a-6f8e1f0b7c11";

    @Test
    void whatWasNeverKeptIsNotTakenOver() {
        assertRefused(applied().restoring(), Reason.RetainedVMNotFound, UID);
        assertRefused(applied().restoring().withKey(), Reason.RetainedVMNotFound, UID);
    }

    @Test
    void anotherNamespacesVmIsNotTakenOverAndNotEvenKnown() {
        VmScene theirs = applied().restoring().withFinalizer().kept(recordIn("payables"), null);
        assertRefused(theirs, Reason.RetainedVMNotFound, UID);
        assertThat(message(theirs)).isEqualTo(message(applied().restoring()));
        VmScene claimed = applied().restoring().withFinalizer().kept(recordIn("payables"), OTHER);
        assertThat(message(claimed)).isEqualTo(message(applied().restoring()));
    }

    @Test
    void itIsClaimedAndThenItsRecordIsTakenOver() {
        assertThat(applied().restoring().kept(record(), null).step()).isEqualTo(new VmStep.AddFinalizer());
        assertThat(restoring(null).step()).isEqualTo(new VmStep.Claim());
        assertThat(restoring(OWN_UID).step()).isEqualTo(new VmStep.TakeOver(record()));
    }

    @Test
    void whatIsTakenOverGoesToTheStatusAtOnce() {
        VmFacts facts = restoring(OWN_UID).facts();
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
    void onlyOneHasIt() {
        assertRefused(restoring(OTHER), Reason.RetainedVMInUse, OTHER);
    }

    @Test
    void itsFormerOwnerIsWaitedFor() {
        assertThat(restoring(null).formerOwnerPresent().step())
                .asInstanceOf(type(VmStep.Wait.class))
                .extracting(step -> step.obstacle().reason())
                .isEqualTo(Reason.RetainedVMInUse);
    }

    @Test
    void aKeySecretWithoutAKeyIsTold() {
        VmScene scene = restoring(null);
        KeyFacts.Held held = (KeyFacts.Held) scene.facts().key();
        assertRefused(scene.key(new KeyFacts.Invalid(held.secret(), "no key")), Reason.KeyInvalid, UID);
    }

    @Test
    void whoIsDeletedBeforeItTookOverGivesBackWhatItClaimedAndNothingElseHappens() {
        assertThat(restoring(OWN_UID).deleted().step()).isEqualTo(new VmStep.GiveBack());
        assertThat(restoring(null).deleted().step()).isEqualTo(new VmStep.Release(List.of(), List.of()));
        assertThat(restoring(OTHER).deleted().step()).isEqualTo(new VmStep.Release(List.of(), List.of()));
        assertThat(restoring(OTHER)
                        .incarnation(7, DesiredState.Running, Phase.Running, EK, null)
                        .seen("host-a", 7)
                        .deleted()
                        .step())
                .isEqualTo(new VmStep.Release(List.of(), List.of()));
    }

    @Test
    void aDomainOfTheVmThatAnotherHasIsNotAdopted() {
        assertRefused(restoring(OTHER).seen("host-b", 9), Reason.RetainedVMInUse, OTHER);
    }

    @Test
    void theNextIncarnationFollowsTheKeptOneOnItsNode() {
        VmStep.ReserveEpoch next = (VmStep.ReserveEpoch) taken().step();
        assertThat(next.epoch()).isEqualTo(8);
        assertThat(next.node()).isEqualTo("host-a");
        assertThat(next.image()).isEqualTo(record().image());
    }

    @Test
    void anImageThatIsNoLongerEligibleOrThereDoesNotMatterUnlessAPolicyAsksAtEveryStart() {
        assertThat(taken().refused(Reason.NoRuleAllows).step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertThat(taken().imageGone().step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertRefused(taken().refused(Reason.NoRuleAllows).askedAtEveryStart(), Reason.NoRuleAllows, "refused");
    }

    @Test
    void theNextIncarnationIsNoFirstAndMustHaveTheSameEkAndTheFloor() {
        VmScene reserved = taken().onRecord("host-a", 8, EK);
        var spec = ((VmStep.CreateIncarnation) reserved.imageGone().step())
                .blueprint()
                .getSpec();
        assertThat(spec.firstStart()).isFalse();
        assertThat(spec.ekDigest()).isEqualTo(EK);
        assertThat(spec.vmRef().uid()).isEqualTo(UID);
        assertThat(spec.vmRef().owner()).isEqualTo(OWN_UID);
        assertThat(spec.machine().osType()).isEqualTo(OsType.Windows);
        assertThat(spec.machine().image().name()).isEqualTo(record().image().name());
    }

    @Test
    void aHaltedVmTakesOverAndStaysOff() {
        assertThat(restoring(null).strategy(RunStrategy.Halted).step()).isEqualTo(new VmStep.Claim());
        assertThat(taken().strategy(RunStrategy.Halted).step())
                .asInstanceOf(type(VmStep.Settled.class))
                .extracting(VmStep.Settled::reason)
                .isEqualTo(Reason.Halted);
    }

    @Test
    void aIncarnationThatWasLeftOnALostNodeIsAwaited() {
        VmScene left = taken().incarnation(7, DesiredState.Stopped, Phase.Running, EK, null);
        assertThat(left.step()).isInstanceOf(VmStep.Wait.class);
        assertThat(left.incarnation(7, DesiredState.Stopped, Phase.Stopped, EK, Exit.PoweredOff)
                        .step())
                .isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @Test
    void aDomainOfTheLastIncarnationIsNotTakenForOneThatEnded() {
        RetainedVMRecord complete = record();
        RetainedVMRecord unsure = incomplete(complete);
        assertThat(taken().kept(unsure, OWN_UID).step()).isInstanceOf(VmStep.ReserveEpoch.class);
        assertThat(taken().kept(unsure, OWN_UID).seen("host-a", 7).step()).isInstanceOf(VmStep.CreateIncarnation.class);
        assertThat(taken().kept(complete, OWN_UID).seen("host-a", 7).step()).isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @Test
    void whatEndedWithAllOfItsStateAtHomeGoesOnWhereThatIsShared() {
        assertThat(taken().sharedLocation().fenced("host-a").step())
                .asInstanceOf(type(VmStep.ReserveEpoch.class))
                .extracting(VmStep.ReserveEpoch::node)
                .isEqualTo("host-b");
        assertRefused(
                taken().kept(incomplete(record()), OWN_UID).sharedLocation().fenced("host-a"),
                Reason.WorkingCopyElsewhere,
                "host-a");
    }

    @Test
    void deletedForGoodItsKeyAndFilesGo() {
        var step = (VmStep.CreateIncarnation) taken().deleted().step();
        assertThat(step.blueprint().getSpec().desiredState()).isEqualTo(DesiredState.Erased);
        assertThat(step.blueprint().getMetadata().getName()).isEqualTo(UID + "-7");
    }

    @Test
    void aVmThatAnotherTookOverTouchesNothing() {
        VmScene left = taken().kept(record(), OTHER);
        assertRefused(left, Reason.RetainedVMInUse, "trustedlaunch.io/taken-over-by");
        assertThat(left.deleted().step()).isEqualTo(new VmStep.Release(List.of(), List.of()));
    }

    @Test
    void whatDoesNotFitIsNamedWithWhatWould() {
        assertRefused(restoring(null).osDisk("9Gi"), Reason.RestoreMismatch, "spec.osDisk.size is 9Gi", "10Gi");
        assertThat(restoring(null).osDisk("11Gi").step()).isEqualTo(new VmStep.Claim());
        assertMisfit(record("csv-01", "ws2022", List.of()), "spec.storageLocationRef names default", "csv-01");
        assertMisfit(record("default", "ws2019", List.of()), "spec.imageRef names ws2022", "ws2019");
        assertMisfit(
                record("default", "ws2022", List.of(new DataDisk("data", new Quantity("1Gi")))),
                "spec.dataDisks lacks data of 1Gi");
    }

    @Test
    void dataDisksAreTheSameAndNotSmaller() {
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
        return TrustedLaunchVMSpecBuilder.builder(restoring(null).facts().spec())
                .dataDisks(List.of(disks))
                .build();
    }

    private static void assertMisfit(RetainedVMRecord record, String... texts) {
        assertRefused(applied().restoring().withFinalizer().kept(record, null), Reason.RestoreMismatch, texts);
    }

    private static void assertRefused(VmScene scene, Reason reason, String... texts) {
        assertThat(scene.step()).asInstanceOf(type(VmStep.Refuse.class)).satisfies(step -> {
            assertThat(step.obstacle().reason()).isEqualTo(reason);
            assertThat(step.obstacle().message()).contains(texts);
        });
    }

    private static String message(VmScene scene) {
        return ((VmStep.Refuse) scene.step()).obstacle().message();
    }

    /** It has its finalizer, and the key says who took the VM over. */
    private static VmScene restoring(String holder) {
        return applied().restoring().withFinalizer().kept(record(), holder);
    }

    /** The record is its own. */
    private static VmScene taken() {
        return restoring(OWN_UID).onRecord("host-a", 7, EK);
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
                .image(new TrustedLaunchVMStatus.Image(image, VmScene.DIGEST, Provenance.None))
                .vTPM(new TrustedLaunchVMStatus.VTpm(EK, null))
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .newest(FLOOR)
                        .sealTime("2026-01-01T00:00:00Z")
                        .lagMilliseconds(10L)
                        .floor(FLOOR)
                        .build())
                .storageLocation(location)
                .osDisk(new OsDisk(new Quantity("10Gi")))
                .dataDisks(dataDisks)
                .build();
    }
}
