package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Erased;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.missing;
import static io.trustedlaunch.operator.vm.facts.ImageFixture.refused;
import static io.trustedlaunch.operator.vm.plan.RestorePlanTest.run;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertWaits;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.CloneSource;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.OsDiskSource;
import io.trustedlaunch.api.vm.RestoreFrom;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Charge;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusRestoreBuilder;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.operator.vm.facts.ImageFacts;
import io.trustedlaunch.operator.vm.facts.ImageFactsBuilder;
import io.trustedlaunch.operator.vm.facts.ImageFixture;
import io.trustedlaunch.operator.vm.facts.KeyFixture;
import io.trustedlaunch.operator.vm.facts.RestoreFacts;
import io.trustedlaunch.operator.vm.facts.RestoreFactsBuilder;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Vms;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A new VM with the disks of a backup of another one, which may run meanwhile. */
class ClonePlanTest {
    private static final String ORIGINAL = "77777777-2222-4333-8444-555555555555";
    private static final RecordedImage IMAGE = new RecordedImage(GuestImages.NAME, GuestImages.DIGEST, Provenance.None);

    private static final Optional<Result<ProtectionKey>> NO_KEY = Optional.of(
            new Result.Refused<>(new Problem(Reason.EscrowUnusable, "the key of VM " + ORIGINAL + " is not here")));

    @Test
    void itsDisksAreCopiedOnANodeThatCanStartIt() {
        Restore restore = copy().step(RestoreStep.Begin.class).restore();

        assertThat(restore.copyOf()).isEqualTo(new CloneSource(ORIGINAL, IMAGE));
        assertThat(restore.guestState()).as("it gets none of the original").isNull();
        assertThat(restore.approvedBy()).isNull();
        assertThat(restore.afterEpoch()).isZero();
        assertThat(restore.storageLocation()).isEqualTo("default");
        assertThat(copy().cordoned("host-a")
                        .step(RestoreStep.Begin.class)
                        .restore()
                        .nodeName())
                .isEqualTo("host-b");
        assertRefused(copy().cordoned("host-a").cordoned("host-b"), Reason.NoNodeFits);
        assertThat(applied().step()).as("so that its deletion is noticed").isInstanceOf(VmStep.AddFinalizer.class);
    }

    /** Nothing of the original but its disks: neither identity nor key, TPM or approved guest state. */
    @Test
    void itsFirstStartIsThatOfANewVm() {
        VmScene copied = copied();
        assertStartsOn("host-a", copied.withKey());
        assertRefused(copied().cordoned("host-a"), Reason.WorkingCopyElsewhere, "host-a");

        VMIncarnationSpec first = created(copied().withKey().written());
        assertThat(first.firstStart()).isTrue();
        assertThat(first.epoch()).isEqualTo(1);
        assertThat(first.vmRef().uid()).isEqualTo(copied().facts().vm().ownerUid());
        assertThat(first.approvedGuestState()).isNull();
        assertThat(first.guestStateFloor()).isNull();
        assertThat(first.machine().image().uid()).as("no disk is made from it").isNull();
    }

    @Test
    void itStaysOffWhileItIsHalted() {
        assertThat(copy().strategy(RunStrategy.Halted).step()).isInstanceOf(VmStep.Settled.class);
    }

    @Test
    void theImageMustBeEligibleNow() {
        assertRefused(copy().image(refused(Reason.NoRuleAllows)), Reason.NoRuleAllows);
        assertRefused(copy().image(missing()), Reason.ImageNotFound);
        assertRefused(copied().image(refused(Reason.NoRuleAllows)), Reason.NoRuleAllows);
    }

    @Test
    void theImageMustBeThatOfTheCopiedVm() {
        assertRefused(
                copy(status -> status.image(new RecordedImage("other", GuestImages.DIGEST, Provenance.None))),
                Reason.RestoreMismatch,
                "set it to that image");
        RecordedImage replaced = new RecordedImage(GuestImages.NAME, "cd".repeat(32), Provenance.None);
        assertRefused(copy(status -> status.image(replaced)), Reason.RestoreMismatch, "cd".repeat(32));
        assertRefused(copy(status -> status.image(null)), Reason.BackupNotUsable, "not on record");
        assertRefused(
                copied().status(status -> status.restore(TrustedLaunchVMStatusRestoreBuilder.builder(status.restore())
                        .copyOf(new CloneSource(ORIGINAL, replaced))
                        .build())),
                Reason.RestoreMismatch,
                "cd".repeat(32));
    }

    @Test
    void aCopyOfAVmThatWasInstalledFromADiscNeedsItInNoDrive() {
        ImageFacts disc = ImageFactsBuilder.builder(ImageFixture.allowed())
                .spec(Optional.of(GuestImageSpecBuilder.builder(GuestImages.spec(GuestImages.DIGEST))
                        .form(GuestImageForm.Disc)
                        .build()))
                .build();
        assertRefused(copied().withKey().image(disc), Reason.WrongImageForm, "set spec.osDisk.source to Empty");
        assertStartsOn(
                "host-a",
                copied().withKey()
                        .image(disc)
                        .spec(spec -> spec.osDisk(new OsDisk(new Quantity("10Gi"), null, OsDiskSource.Empty))));
    }

    @Test
    void onlyACompletedBackupOfTheNamespaceThatCanBeOpenedIsTaken() {
        assertRefused(copy().restore(RestoreFacts.NONE), Reason.BackupNotUsable, "monday", "does not exist");
        assertRefused(
                copy(status -> status.phase(VMBackupStatus.Phase.Running)), Reason.BackupNotUsable, "is not completed");
        assertRefused(
                copy().restore(change(backup(status -> status), facts -> facts.copied(NO_KEY))),
                Reason.EscrowUnusable,
                ORIGINAL);
        assertRefused(
                copy().restore(change(backup(status -> status), facts -> facts.location(Optional.empty()))),
                Reason.BackupLocationNotFound,
                "nas");
    }

    @Test
    void itsNodeIsWaitedFor() {
        assertThat(begun().step()).isInstanceOf(RestoreStep.CreateRun.class);
        assertRefused(
                begun().restore(change(RestoreFacts.NONE, facts -> facts.copied(NO_KEY))),
                Reason.EscrowUnusable,
                ORIGINAL);
        assertWaits(begun().with(run(null)), Reason.Restoring, "copies the VM's disks from VMBackup monday");
        assertThat(begun().fenced("host-a")
                        .with(run(null))
                        .step(RestoreStep.Begin.class)
                        .restore()
                        .nodeName())
                .isEqualTo("host-b");
    }

    @Test
    void whatFailedIsTriedAgainAfterAWhile() {
        VmScene failed = begun().with(
                        run(new RestoreRunStatus(RunPhase.Failed, Reason.NoSpace.name(), "1 MiB are free")))
                .written();
        VmScene soon = failed.restore(
                change(backup(status -> status), facts -> facts.again(Optional.of(Duration.ofSeconds(40)))));

        assertWaits(soon, Reason.CopyFailed, "NoSpace", "1 MiB are free");
        assertThat(soon.step(VmStep.Wait.class).delay()).isEqualTo(Duration.ofSeconds(40));
        assertThat(soon.newStatus().restore()).isNotNull();
        assertThat(failed.restore(backup(status -> status)).step()).isInstanceOf(RestoreStep.Begin.class);
    }

    @Test
    void whereTheDisksAreGoneTheyAreCopiedAgain() {
        VmScene lost = copied().fenced("host-a").restore(backup(status -> status));
        assertThat(lost.step(RestoreStep.Begin.class).restore().nodeName()).isEqualTo("host-b");

        VmScene erased = copied().withKey()
                .written()
                .incarnation(1, Erased, status(Phase.Erased).exit(Exit.NeverRan))
                .restore(backup(status -> status));
        Restore again = erased.step(RestoreStep.Begin.class).restore();
        assertThat(again.afterEpoch()).isEqualTo(1);
    }

    /** Its host was only said to be dead, and is heard again once the copying elsewhere is on record. */
    @Test
    void aFirstStartFromBeforeItDoesNotPassIt() {
        VMIncarnationSpec first = created(copied().withKey().written());
        VmScene ready = copied().withKey()
                .written()
                .incarnation(1, Running, reported(Phase.Prepared).ekDigest(Vms.EK))
                .incarnation(1, spec -> spec.machine(first.machine()));
        assertThat(ready.newStatus().vTPM()).isNotNull();

        VmScene back = ready.fenced("host-a")
                .restore(backup(status -> status))
                .written()
                .heard("host-a");

        assertThat(back.facts().vm().restores().open().orElseThrow().nodeName()).isEqualTo("host-b");
        assertThat(back.newStatus().vTPM()).as("its guest does not run").isNull();
        assertThat(back.step()).isInstanceOf(VmStep.Retire.class);
    }

    @Test
    void theStorageLocationStays() {
        VmScene moved = copied().offers(offers -> offers.locations(Map.of(
                        "default",
                        Nodes.storageLocation().getSpec(),
                        "other",
                        Nodes.storageLocation().getSpec())))
                .spec(spec -> spec.storageLocationRef(new ObjectRef("other")));

        assertRefused(moved, Reason.SpecMismatch, "default");
    }

    @Test
    void onceItHasRunItIsAnOrdinaryVm() {
        VmScene running = copied().withKey()
                .written()
                .incarnation(1, Running, reported(Phase.Running).guestState(sealed(1, 1)));
        TrustedLaunchVMStatus status = running.written().newStatus();

        assertThat(status.vTPM()).isNotNull();
        assertThat(status.restore()).isNull();
        assertThat(status.guestState().approval()).isNull();
        assertThat(status.guestState().home().epoch()).isEqualTo(1);
    }

    @Test
    void aDeletionRemovesTheDisks() {
        VMIncarnationSpec erased = created(copied().deleted());

        assertThat(erased.nodeName()).isEqualTo("host-a");
        assertThat(erased.desiredState()).isEqualTo(Erased);
    }

    @Test
    void itsDisksCountFromWhenTheyAreCopied() {
        assertThat(copy().newStatus().charged()).isEqualTo(new Charge(null, null, new Quantity("10Gi"), null));
        assertRefused(
                copy().quota(hard -> hard.storage(new Quantity("15Gi")), others -> others.storage(6L << 30)),
                Reason.QuotaExceeded,
                "storage: 10Gi more wanted");
        assertRefused(copy().quota(hard -> hard.vms(2L), others -> others.vms(2)), Reason.QuotaExceeded);
        VmScene copied = copied().withKey();
        assertRefused(copied.quota(hard -> hard.cores(2L), others -> others.cores(1)), Reason.QuotaExceeded);
        copied.quota(hard -> hard.storage(new Quantity("10Gi")).vms(1L), others -> others.storage(1L << 30));
        assertStartsOn("host-a", copied);
        assertThat(copied.newStatus().charged())
                .isEqualTo(new Charge(2, new Quantity("1Gi"), new Quantity("10Gi"), null));
    }

    @Test
    void aCopyThatGrowsBeforeItsRunIsAskedForAgain() {
        VmScene grown = begun().osDisk("100Gi");
        assertThat(grown.step()).isInstanceOf(RestoreStep.Begin.class);
        assertRefused(
                grown.quota(hard -> hard.storage(new Quantity("50Gi")), others -> others),
                Reason.QuotaExceeded,
                "storage: 90Gi more wanted, 10Gi of 50Gi in use");
        grown.quota(hard -> hard, others -> others);
        assertThat(grown.newStatus().charged().storage()).isEqualTo(new Quantity("100Gi"));
        assertThat(grown.newStatus().restore().uid())
                .isEqualTo(begun().facts().vm().restores().open().orElseThrow().uid());
        assertThat(grown.written().step()).isInstanceOf(RestoreStep.CreateRun.class);
    }

    private static VmScene applied() {
        return VmScene.applied()
                .metadata(metadata -> metadata.withUid(VmScene.OWN_UID))
                .spec(spec -> spec.restoreFrom(new RestoreFrom(null, new ObjectRef("monday"))))
                .restore(backup(status -> status));
    }

    private static VmScene copy() {
        return applied().withFinalizer();
    }

    private static VmScene copy(UnaryOperator<VMBackupStatusBuilder> change) {
        return copy().restore(backup(change));
    }

    private static VmScene begun() {
        return copy().cordoned("host-b")
                .written()
                .node("host-b", node -> node.spec(Nodes.spec(Maintenance.None)))
                .restore(change(
                        RestoreFacts.NONE,
                        facts -> facts.copied(Optional.of(new Result.Value<>(KeyFixture.protectionKey())))));
    }

    private static VmScene copied() {
        return begun().with(run(new RestoreRunStatus(RunPhase.Completed, null, null)))
                .written()
                .restore(RestoreFacts.NONE);
    }

    private static RestoreFacts backup(UnaryOperator<VMBackupStatusBuilder> change) {
        return change(
                RestorePlanTest.backup(
                        status -> change.apply(status.vmUID(ORIGINAL).image(IMAGE))),
                facts -> facts.copied(Optional.of(new Result.Value<>(KeyFixture.protectionKey()))));
    }

    private static RestoreFacts change(RestoreFacts facts, UnaryOperator<RestoreFactsBuilder> change) {
        return change.apply(RestoreFactsBuilder.builder(facts)).build();
    }
}
