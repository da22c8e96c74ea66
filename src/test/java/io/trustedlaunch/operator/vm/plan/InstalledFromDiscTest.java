package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Erased;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.DiscDrive;
import io.trustedlaunch.api.incarnation.IncarnationFields;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.Disc;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.OsDiskSource;
import io.trustedlaunch.operator.vm.facts.ImageFacts;
import io.trustedlaunch.operator.vm.facts.ImageFactsBuilder;
import io.trustedlaunch.operator.vm.facts.ImageFixture;
import io.trustedlaunch.testkit.GuestImages;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A VM with an empty OS disk, whose image is a disc in its drive install. */
class InstalledFromDiscTest {
    private static final String FIELD = "machine.osDiskSource=Empty";
    private static final Disc INSTALL = new Disc("install", new ObjectRef(GuestImages.NAME));

    @Test
    void itsMachineHasTheDiscAndAnEmptyDisk() {
        VMIncarnationSpec first = created(VmScene.reserved(1).with(installed(INSTALL)));

        Image disc = new Image(GuestImages.NAME, GuestImages.UID, GuestImages.DIGEST);
        assertThat(first.firstStart()).isTrue();
        assertThat(first.machine().osDiskSource()).isEqualTo(OsDiskSource.Empty);
        assertThat(first.machine().osType()).as("as the disc's GuestImage says").isEqualTo(OsType.Windows);
        assertThat(first.machine().image()).isEqualTo(disc);
        assertThat(first.machine().installationDrives()).containsExactly(new DiscDrive("install", disc));
    }

    @Test
    void itStartsAndTheDiscIsOnRecordAsItsImage() {
        VmScene scene = prepared().with(installed(INSTALL));
        assertStartsOn("host-a", scene);
        assertThat(scene.step(VmStep.ReserveEpoch.class).image().orElseThrow().sha256())
                .isEqualTo(GuestImages.DIGEST);
    }

    /** I5: the disc is what policies judge, like any other image, and before a TPM is made. */
    @Test
    void theDiscIsJudgedAsItsImage() {
        assertRefused(prepared().with(installed(INSTALL)).image(refused()), Reason.NoRuleAllows);
        assertRefused(
                prepared()
                        .with(installed(INSTALL))
                        .image(disc(GuestImageForm.Disc, spec -> spec.allowedNamespaces(List.of("other")))),
                Reason.NamespaceNotAllowed);
        assertThat(VmScene.reserved(1)
                        .with(installed(INSTALL))
                        .incarnation(1, Running, reported(Phase.Prepared))
                        .image(refused())
                        .newStatus()
                        .vTPM())
                .isNull();
    }

    @Test
    void onceItHasRunItIsAskedForNoMore() {
        VmScene scene = VmScene.recorded(1).with(installed()).image(refused());

        assertThat(StartChecks.creation(scene.facts())).isEmpty();
        assertThat(new MachineBuilder(scene.facts()).ofNextStart().discs()).isEmpty();
    }

    @Test
    void noGuestIsInstalledFromADisk() {
        VmScene scene = prepared().with(installed(INSTALL)).image(disc(GuestImageForm.Disk, spec -> spec));
        assertRefused(
                scene, Reason.WrongImageForm, "GuestImage ws2022 has form Disk", "set spec.osDisk.source to Image");
    }

    @Test
    void withoutTheDiscThereIsNothingToBoot() {
        for (Disc[] discs : List.of(
                new Disc[0], new Disc[] {new Disc("install", null)}, new Disc[] {new Disc("tools", new ObjectRef("b"))
                })) {
            assertRefused(
                    prepared().with(installed(discs)),
                    Reason.NoInstallationDisc,
                    "no drive in spec.discs has GuestImage ws2022",
                    "kubectl tlvm disc insert payroll install --image ws2022 -n finance");
        }
    }

    @Test
    void aPreparationEndsWhereItsDiscWasEjectedMeanwhile() {
        VmScene scene = VmScene.reserved(1)
                .with(installed(INSTALL))
                .incarnation(1, Running, status(Phase.Preparing))
                .with(installed());
        assertThat(scene.step()).isInstanceOf(VmStep.Retire.class);
    }

    @Test
    void anEmptyDiskIsNotTakenForACopyOfAnImage() {
        VmScene corrected = VmScene.reserved(1)
                .with(installed(INSTALL))
                .incarnation(1, Stopped, status(Phase.Stopped).exit(Exit.NeverRan))
                .osDisk("10Gi")
                .image(ImageFixture.allowed());
        assertThat(corrected.step()).isInstanceOf(VmStep.Erase.class);
        assertThat(corrected
                        .incarnation(1, Erased, status(Phase.Erased).exit(Exit.NeverRan))
                        .step())
                .isInstanceOf(VmStep.ReserveEpoch.class);
    }

    /** Decision 59: an older agent would make a disk from the disc. */
    @Test
    void onlyAgentsThatKnowOfItGetIt() {
        assertThat(used(prepared().with(installed(INSTALL)))).contains(FIELD);
        assertThat(used(prepared())).noneMatch(field -> field.startsWith("machine.osDiskSource"));
        assertThat(IncarnationFields.KNOWN).contains(FIELD);
    }

    private static SortedSet<String> used(VmScene scene) {
        return IncarnationFields.usedBy(IncarnationBuilder.ofNextStart(scene.facts()));
    }

    private static VmScene prepared() {
        return VmScene.applied().withFinalizer().withKey();
    }

    private static UnaryOperator<VmScene> installed(Disc... discs) {
        ImageFacts image = disc(GuestImageForm.Disc, spec -> spec);
        return scene -> scene.image(image)
                .offers(offers -> offers.discs(Map.of(image.name(), image)))
                .spec(spec ->
                        spec.discs(List.of(discs)).osDisk(new OsDisk(new Quantity("10Gi"), null, OsDiskSource.Empty)));
    }

    private static ImageFacts refused() {
        return ImageFactsBuilder.builder(disc(GuestImageForm.Disc, spec -> spec))
                .verdict(ImageFixture.refused(Reason.NoRuleAllows).verdict())
                .build();
    }

    private static ImageFacts disc(GuestImageForm form, UnaryOperator<GuestImageSpecBuilder> change) {
        ImageFacts allowed = ImageFixture.allowed();
        return ImageFactsBuilder.builder(allowed)
                .spec(allowed.spec()
                        .map(spec -> change.apply(GuestImageSpecBuilder.builder(spec)
                                        .osType(OsType.Windows)
                                        .form(form))
                                .build()))
                .build();
    }
}
