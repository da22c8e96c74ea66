package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.incarnation.DiscDrive;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.AppliedDevices;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.Disc;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import io.trustedlaunch.operator.vm.facts.ImageFacts;
import io.trustedlaunch.operator.vm.facts.ImageFactsBuilder;
import io.trustedlaunch.testkit.GuestImages;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A VM with a drive tools, and the GuestImages tools-1 and tools-2 of form Disc. */
class DiscsTest {
    private static final Disc TOOLS = new Disc("tools", new ObjectRef("tools-1"));
    private static final Disc OTHER = new Disc("tools", new ObjectRef("tools-2"));
    private static final Disc EMPTY = new Disc("tools", null);
    private static final Disc REQUIRED = new Disc("tools", new ObjectRef("tools-1"), true);

    @Test
    void aStartHasTheDiscsOfTheSpec() {
        assertThat(machine(VmScene.applied().with(discs()), TOOLS, new Disc("more", null)))
                .containsExactly(new DiscDrive("tools", image("tools-1")), DiscDrive.empty("more"));
    }

    /** The VM may have been created when a policy allowed the disc. */
    @Test
    void eachStartJudgesThem() {
        assertThat(machine(VmScene.recorded(1).with(refused("tools-1")), TOOLS))
                .containsExactly(DiscDrive.empty("tools"));
        assertThat(machine(VmScene.recorded(1).with(of("tools-1", GuestImageForm.Disk)), TOOLS))
                .containsExactly(DiscDrive.empty("tools"));
        assertThat(machine(VmScene.recorded(1).with(offeredTo("tools-1", "other")), TOOLS))
                .containsExactly(DiscDrive.empty("tools"));
        assertThat(machine(VmScene.recorded(1).with(discs()), new Disc("tools", new ObjectRef("nothing"))))
                .containsExactly(DiscDrive.empty("tools"));
    }

    @Test
    void aRefusalNamesDiscFactAndStep() {
        assertThat(refusal(VmScene.applied().with(of("tools-1", GuestImageForm.Disk))))
                .isEqualTo(new Problem(
                        Reason.WrongImageForm,
                        "disc tools is not inserted: GuestImage tools-1 has form Disk, and a drive takes one of form Disc:"
                                + " name another one in imageRef"));
        assertThat(refusal(VmScene.applied().with(offeredTo("tools-1", "other")))
                        .reason())
                .isEqualTo(Reason.NamespaceNotAllowed);
        assertThat(refusal(VmScene.applied().with(refused("tools-1"))).reason()).isEqualTo(Reason.NoRuleAllows);
        assertThat(refusal(VmScene.applied().offers(offers -> offers.discs(Map.of())))
                        .reason())
                .isEqualTo(Reason.ImageNotFound);
    }

    @Test
    void aStartWaitsForADiscThatItRequires() {
        VmScene scene = VmScene.reserved(0).with(refused("tools-1")).with(wants(REQUIRED));

        assertThat(new StartChecks(scene.facts()).machine().orElseThrow().message())
                .contains("disc tools is not inserted", "kubectl tlvm disc eject payroll tools -n finance");
        assertThat(new StartChecks(scene.with(wants(TOOLS)).facts()).machine()).isEmpty();
    }

    @Test
    void noOsDiskIsMadeFromADisc() {
        ImageFacts image = facts("ws2022", spec -> spec.form(GuestImageForm.Disc));
        Optional<Problem> refusal = StartChecks.creation(
                VmScene.applied().withFinalizer().withKey().image(image).facts());

        assertThat(refusal.orElseThrow().reason()).isEqualTo(Reason.WrongImageForm);
        assertThat(refusal.orElseThrow().message()).contains("GuestImage ws2022 has form Disc", "spec.imageRef");
    }

    @Test
    void aDiscIsChangedAndEjectedWhileTheGuestRuns() {
        assertThat(requested(runs(TOOLS).with(wants(OTHER)))).containsExactly(new DiscDrive("tools", image("tools-2")));
        assertThat(requested(runs(TOOLS).with(wants(EMPTY)))).containsExactly(DiscDrive.empty("tools"));
        assertThat(requested(runs(EMPTY).with(wants(TOOLS)))).containsExactly(new DiscDrive("tools", image("tools-1")));
        assertThat(requested(runs(TOOLS).with(wants())))
                .as("its drive stays")
                .containsExactly(DiscDrive.empty("tools"));
    }

    @Test
    void eachInsertionIsJudgedAlsoIntoAGuestThatRuns() {
        assertThat(runs(EMPTY).with(wants(TOOLS)).with(refused("tools-1")).step())
                .isInstanceOf(VmStep.Settled.class);
        assertThat(requested(runs(TOOLS).with(wants(OTHER)).with(refused("tools-2"))))
                .as("the one that is not wanted any more goes")
                .containsExactly(DiscDrive.empty("tools"));
    }

    @Test
    void whatIsInADriveStaysWhateverPoliciesSayByNow() {
        assertThat(runs(TOOLS).with(refused("tools-1")).step()).isInstanceOf(VmStep.Settled.class);
        assertThat(runs(TOOLS).offers(offers -> offers.discs(Map.of())).step())
                .as("its GuestImage is gone")
                .isInstanceOf(VmStep.Settled.class);
        VmScene again = runs(TOOLS)
                .offers(offers -> offers.discs(Map.of(
                        "tools-1",
                        ImageFactsBuilder.builder(facts("tools-1", spec -> spec))
                                .uid(Optional.of("another"))
                                .build())));
        assertThat(requested(again))
                .as("another one of its name")
                .containsExactly(new DiscDrive("tools", new Image("tools-1", "another", GuestImages.DIGEST)));
    }

    @Test
    void aDriveComesAndGoesWithTheNextStart() {
        VmScene added = runs(TOOLS).with(wants(TOOLS, new Disc("more", new ObjectRef("tools-2"))));
        assertThat(added.step()).isInstanceOf(VmStep.Settled.class);
        assertThat(new PendingChanges(added.facts()).verdict().reason()).isEqualTo(Reason.SpecChanged);
        assertThat(new PendingChanges(added.facts()).verdict().message())
                .startsWith("spec.discs has more, and the guest has no such drive yet");
        assertThat(inserted(added).reason()).isEqualTo(Reason.SpecChanged);

        assertThat(new PendingChanges(runs(TOOLS).with(wants()).facts())
                        .verdict()
                        .message())
                .contains("spec.discs lacks tools, a drive that the guest has");
    }

    @Test
    void theConditionSaysWhatTheDrivesHave() {
        assertThat(new InsertedDiscs(runs().facts()).verdict()).isEmpty();
        assertThat(inserted(runs(TOOLS))).isEqualTo(new Problem(Reason.DiscsInserted, "tools: GuestImage tools-1"));
        assertThat(inserted(runs(EMPTY))).isEqualTo(new Problem(Reason.DiscsInserted, "tools: empty"));
        assertThat(inserted(runs(TOOLS).with(wants(OTHER))).reason()).isEqualTo(Reason.ChangingDevices);
        assertThat(inserted(runs(EMPTY).with(wants(TOOLS)).with(refused("tools-1")))
                        .reason())
                .isEqualTo(Reason.NoRuleAllows);
        assertThat(inserted(VmScene.applied().with(discs()).with(wants(TOOLS))).reason())
                .isEqualTo(Reason.NotRunning);
    }

    /** It keeps nothing else from the guest, so the revision is applied. */
    @Test
    void whatTheAgentCannotInsertIsTold() {
        VmScene scene = runs(TOOLS)
                .incarnation(
                        1,
                        Running,
                        reported(Phase.Running)
                                .devices(new AppliedDevices(
                                        null, Reason.ImageImporting.name(), "disc tools is not inserted yet")));

        assertThat(inserted(scene)).isEqualTo(new Problem(Reason.ImageImporting, "disc tools is not inserted yet"));
        assertThat(new PendingChanges(scene.facts()).verdict().reason()).isEqualTo(Reason.UpToDate);
        assertThat(new Migratability(scene.sharedLocation().facts()).verdict().reason())
                .isEqualTo(Reason.ImageImporting);
    }

    @Test
    void aDiscTravelsOnlyToNodesThatShareItsFolder() {
        VmScene scene = runs(TOOLS);
        assertThat(new Migratability(scene.facts()).verdict().message())
                .contains("the disc in drive tools is not copied: eject it with kubectl tlvm disc eject");
        assertThat(new Migratability(runs(TOOLS).sharedLocation().facts())
                        .verdict()
                        .reason())
                .isEqualTo(Reason.Migratable);
    }

    private static Problem inserted(VmScene scene) {
        return new InsertedDiscs(scene.facts()).verdict().orElseThrow();
    }

    private static Problem refusal(VmScene scene) {
        return new Discs(scene.with(wants(TOOLS)).facts()).refusal(TOOLS).orElseThrow();
    }

    private static List<DiscDrive> machine(VmScene scene, Disc... discs) {
        return new Discs(scene.with(wants(discs)).facts()).ofStart();
    }

    private static List<DiscDrive> requested(VmScene scene) {
        return scene.step(ChangeDevices.class).devices().discs();
    }

    private static VmScene runs(Disc... discs) {
        return VmScene.recorded(1).with(discs()).with(wants(discs)).incarnation(1, Running, reported(Phase.Running));
    }

    private static UnaryOperator<VmScene> wants(Disc... discs) {
        return scene -> scene.spec(spec -> spec.discs(List.of(discs)));
    }

    /** Offered and allowed. */
    private static UnaryOperator<VmScene> discs() {
        return with(facts("tools-1", spec -> spec));
    }

    private static UnaryOperator<VmScene> refused(String name) {
        return with(ImageFactsBuilder.builder(facts(name, spec -> spec))
                .verdict(new EligibilityVerdict.Refused(Reason.NoRuleAllows, "no rule allows it"))
                .build());
    }

    private static UnaryOperator<VmScene> of(String name, GuestImageForm form) {
        return with(facts(name, spec -> spec.form(form)));
    }

    private static UnaryOperator<VmScene> offeredTo(String name, String namespace) {
        return with(facts(name, spec -> spec.allowedNamespaces(List.of(namespace))));
    }

    /** The other one is offered and allowed. */
    private static UnaryOperator<VmScene> with(ImageFacts image) {
        Map<String, ImageFacts> all = Stream.concat(
                        Stream.of("tools-1", "tools-2")
                                .filter(name -> !name.equals(image.name()))
                                .map(name -> facts(name, spec -> spec)),
                        Stream.of(image))
                .collect(Collectors.toMap(ImageFacts::name, Function.identity()));
        return scene -> scene.offers(offers -> offers.discs(all));
    }

    private static ImageFacts facts(String name, UnaryOperator<GuestImageSpecBuilder> change) {
        return ImageFactsBuilder.builder()
                .name(name)
                .uid(Optional.of(name + "-uid"))
                .spec(Optional.of(change.apply(GuestImageSpecBuilder.builder(GuestImages.spec(GuestImages.DIGEST))
                                .form(GuestImageForm.Disc))
                        .build()))
                .verdict(new EligibilityVerdict.Allowed("lab/discs", Provenance.None))
                .askedAtEveryStart(false)
                .secureBootPolicy(Optional.empty())
                .reports(List.of())
                .build();
    }

    private static Image image(String name) {
        return new Image(name, name + "-uid", GuestImages.DIGEST);
    }
}
