package io.trustedlaunch.operator.imagecopy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.GuestImageSpec.FileSource;
import io.trustedlaunch.api.image.GuestImageSpec.HttpsSource;
import io.trustedlaunch.api.image.GuestImageSpec.Source;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.GuestImageStatusBuilder;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopySpec.Envelope;
import io.trustedlaunch.api.image.ImageCopyStatusBuilder;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.DiscDrive;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Devices;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Location;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecDevicesBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.operator.image.PullCredentialsFacts;
import io.trustedlaunch.operator.imagecopy.ImportStep.Create;
import io.trustedlaunch.operator.imagecopy.ImportStep.RemoveEnvelope;
import io.trustedlaunch.operator.imagecopy.ImportStep.Resize;
import io.trustedlaunch.operator.imagecopy.ImportStep.Seal;
import io.trustedlaunch.operator.imagecopy.ImportStep.Settled;
import io.trustedlaunch.operator.imagecopy.ImportStep.Watch;
import io.trustedlaunch.placement.SharedLocations;
import io.trustedlaunch.placement.SharedLocations.Folder;
import io.trustedlaunch.testkit.Incarnations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ImportPlannerTest {
    private static final String IMAGE = "0d1b5a57-8f1c-4d0e-b3f5-6a1f0f6f2c11";
    private static final String DIGEST = "0".repeat(64);

    private Quantity sizeInCatalog;
    private GuestImageForm form;
    private Source source = new Source(new FileSource(new ObjectRef("images"), "ws.vhdx"), null, null);
    private final List<ImageNeed> starts = new ArrayList<>();
    private final List<ImageCopy> copies = new ArrayList<>();
    private final Map<String, String> locations = new HashMap<>(Map.of("default", "/vms", "images", "/images"));
    private final Set<String> enrolled = new TreeSet<>(Set.of("host-a", "host-b"));
    private final Set<String> alive = new TreeSet<>(Set.of("host-a", "host-b"));
    private final Map<String, String> seals = new HashMap<>(Map.of("host-a", "secret 1 to a"));
    private PullCredentialsFacts credentials = new PullCredentialsFacts.NotNeeded();
    private SharedLocations shared = SharedLocations.NONE;

    @Test
    void anImageThatNoVmStartsFromIsNotImported() {
        assertThat(plan()).isEqualTo(new Settled());
    }

    @Test
    void theNodeOfAImageNeedImportsTheImage() {
        starts("host-a");

        ImageCopy copy = created();

        assertThat(copy.getSpec().nodeName()).isEqualTo("host-a");
        assertThat(copy.getSpec().storageLocation().path()).isEqualTo("/vms");
        assertThat(copy.getSpec().source().file().storageLocation().path()).isEqualTo("/images");
        assertThat(copy.getSpec().source().file().path()).isEqualTo("ws.vhdx");
        assertThat(copy.getSpec().sha256()).isEqualTo(DIGEST);
        assertThat(copy.getSpec().image().uid()).isEqualTo(IMAGE);
        assertThat(copy.getMetadata().getFinalizers()).containsExactly(Api.IMAGE_FINALIZER);
        assertThat(copy.getMetadata().getLabels()).containsEntry(Api.LABEL_IMAGE_UID, IMAGE);
    }

    @Test
    void aNodeThatIsNotEnrolledIsGivenNothingToImport() {
        starts("host-a");
        enrolled.remove("host-a");
        assertThat(plan()).isEqualTo(new Watch());

        enrolled.add("host-a");
        assertThat(created().getSpec().nodeName()).isEqualTo("host-a");
    }

    @Test
    void theSizeFromTheCatalogIsInTheCopy() {
        starts("host-a");
        assertThat(created().getSpec().size()).isNull();

        sizeInCatalog = new Quantity("4711");
        assertThat(created().getSpec().size()).isEqualTo(new Quantity("4711"));
    }

    @Test
    void aSizeCorrectedInTheCatalogIsCorrectedInAWaitingCopy() {
        starts("host-a");
        sizeInCatalog = new Quantity("4711");
        copies.add(created());
        assertThat(plan()).isEqualTo(new Watch());

        sizeInCatalog = new Quantity("4712");
        assertThat(plan()).isEqualTo(new Resize(copies.getFirst(), new Quantity("4712")));
        sizeInCatalog = null;
        assertThat(plan()).isEqualTo(new Resize(copies.getFirst(), null));
        ready(copies.getFirst());
        assertThat(plan()).isEqualTo(new Settled());
    }

    @Test
    void twoStartsOnOneNodeHaveOneCopy() {
        starts("host-a");
        starts("host-a");
        copies.add(created());

        assertThat(plan()).isEqualTo(new Watch());
        ready(copies.getFirst());
        assertThat(plan()).isEqualTo(new Settled());
    }

    @Test
    void nodesThatShareTheFolderHaveOneCopyAndOthersOneEach() {
        starts("host-a");
        starts("host-b");
        copies.add(created());
        assertThat(created().getSpec().nodeName()).isEqualTo("host-b");
        assertThat(created().getMetadata().getName())
                .isNotEqualTo(copies.getFirst().getMetadata().getName());

        share();
        assertThat(plan()).isEqualTo(new Watch());
    }

    @Test
    void theWaitingNodeReplacesADeadImporter() {
        starts("host-a");
        copies.add(created());
        starts.clear();
        starts("host-b");
        share();
        assertThat(plan()).isEqualTo(new Watch());

        alive.remove("host-a");
        assertThat(created().getSpec().nodeName()).isEqualTo("host-b");
    }

    @Test
    void theWaitingNodeReplacesAnImporterThatLacksTheSourcesFile() {
        starts("host-a");
        copies.add(created());
        starts.clear();
        starts("host-b");
        share();
        report(copies.getFirst(), Reason.NoSpace);
        assertThat(plan()).isEqualTo(new Watch());

        report(copies.getFirst(), Reason.ImageFileMissing);
        assertThat(created().getSpec().nodeName()).isEqualTo("host-b");
    }

    @Test
    void aCopyImportedByADeadNodeIsUsed() {
        starts("host-a");
        copies.add(ready(created()));
        starts.clear();
        starts("host-b");
        share();
        alive.remove("host-a");

        assertThat(plan()).isEqualTo(new Settled());
    }

    @Test
    void noCopyIsCreatedWhileAnotherIsBeingRemoved() {
        starts("host-a");
        copies.add(deleted(created()));
        assertThat(plan()).isEqualTo(new Watch());

        starts.clear();
        starts("host-b");
        assertThat(created().getSpec().nodeName()).isEqualTo("host-b");
        share();
        assertThat(plan()).isEqualTo(new Watch());
        alive.remove("host-a");
        assertThat(created().getSpec().nodeName()).isEqualTo("host-b");
    }

    @Test
    void aLocationWithAnotherPathHasNoCopy() {
        starts("host-a");
        ImageCopy old = created();
        starts.clear();
        starts.add(start(incarnation("host-a", "/vms-2", Phase.Preparing)));
        copies.add(old);

        assertThat(created().getSpec().storageLocation().path()).isEqualTo("/vms-2");
        assertThat(created().getMetadata().getName())
                .isNotEqualTo(old.getMetadata().getName());
    }

    @Test
    void theImportWaitsForTheLocationOfItsSource() {
        starts("host-a");
        locations.remove("images");

        assertThat(plan()).isEqualTo(new Watch());
    }

    @Test
    void credentialsAreSealedAndRemovedOnceTheImageIsImported() {
        wantCredentials();
        starts("host-a");
        Create create = (Create) plan();
        assertThat(create.from()).contains("secret 1 to a");
        assertThat(create.copy().getSpec().source().https().url()).isEqualTo("https://images.example/ws.vhdx");
        ImageCopy copy = sealed(create.copy(), "secret 1 to a");
        copies.add(copy);
        assertThat(plan()).isEqualTo(new Watch());

        seals.put("host-a", "secret 2 to a");
        assertThat(plan()).isEqualTo(new Seal(copy, "secret 2 to a"));
        copies.set(0, ready(copy));
        assertThat(plan()).isEqualTo(new RemoveEnvelope(copy));
        copies.set(0, sealed(copy, null));
        assertThat(plan()).isEqualTo(new Settled());
    }

    @Test
    void aCopyThatLostItsFileGetsItsCredentialsAgain() {
        wantCredentials();
        starts("host-a");
        ImageCopy copy = ((Create) plan()).copy();
        copies.add(copy);

        assertThat(plan()).isEqualTo(new Seal(copy, "secret 1 to a"));
    }

    @Test
    void noCopyIsCreatedWithoutUsableCredentialsAndCertificate() {
        wantCredentials();
        starts("host-a");
        seals.clear();
        assertThat(plan()).isEqualTo(new Watch());

        seals.put("host-a", "secret 1 to a");
        credentials = new PullCredentialsFacts.Unusable(Reason.PullSecretNotFound, "no such Secret");
        assertThat(plan()).isEqualTo(new Watch());
    }

    @Test
    void onlyAnIncarnationThatCreatesItsDiskNeedsAnImage() {
        assertThat(ImageNeed.of(incarnation("host-a", "/vms", null))).hasSize(1);
        assertThat(ImageNeed.of(incarnation("host-a", "/vms", Phase.Preparing))).hasSize(1);
        assertThat(ImageNeed.of(incarnation("host-a", "/vms", Phase.Prepared))).isEmpty();
        assertThat(ImageNeed.of(incarnation("host-a", "/vms", Phase.Running))).isEmpty();
        assertThat(ImageNeed.of(incarnation("host-a", DesiredState.Erased, true, IMAGE, null)))
                .isEmpty();
        assertThat(ImageNeed.of(incarnation("host-a", DesiredState.Running, false, IMAGE, null)))
                .isEmpty();
        assertThat(ImageNeed.of(incarnation("host-a", DesiredState.Running, true, null, null)))
                .isEmpty();
        assertThat(ImageNeed.of(incarnation(
                        "host-a", DesiredState.Running, true, IMAGE, new Arrival(1L, "host-b", false, false))))
                .isEmpty();
    }

    /** As long as its guest runs, which reads it there; those of its start as well, since it may hold one. */
    @Test
    void aGuestNeedsTheDiscsInItsDrives() {
        Image tools = new Image("tools", "1".repeat(36), DIGEST);
        Image other = new Image("other", "2".repeat(36), DIGEST);
        VMIncarnation guest = incarnation("host-a", DesiredState.Running, false, IMAGE, null);
        Incarnations.change(
                guest,
                spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                                .discs(List.of(new DiscDrive("one", tools), DiscDrive.empty("two")))
                                .build())
                        .devices(VMIncarnationSpecDevicesBuilder.builder(
                                        new Devices(1L, new Quantity("1Gi"), List.of(), List.of(), List.of()))
                                .discs(List.of(DiscDrive.empty("one"), new DiscDrive("two", other)))
                                .build()));

        for (Phase phase : List.of(Phase.Preparing, Phase.Running, Phase.Stopping)) {
            guest.setStatus(VMIncarnationStatusBuilder.builder().phase(phase).build());
            assertThat(ImageNeed.of(guest)).extracting(ImageNeed::imageName).containsExactly("tools", "other");
        }
        guest.setStatus(
                VMIncarnationStatusBuilder.builder().phase(Phase.Stopped).build());
        assertThat(ImageNeed.of(guest)).isEmpty();
    }

    @Test
    void theCopyOfADiscSaysThatItIsOne() {
        starts("host-a");
        assertThat(created().getSpec().form()).isNull();

        form = GuestImageForm.Disc;
        assertThat(created().getSpec().form()).isEqualTo(GuestImageForm.Disc);
    }

    private ImportStep plan() {
        GuestImage image = new GuestImage();
        image.setMetadata(new ObjectMetaBuilder().withName("ws").withUid(IMAGE).build());
        image.setSpec(GuestImageSpecBuilder.builder()
                .osType(OsType.Windows)
                .identifier(new GuestImageSpec.Identifier("publisher", "offer", "sku"))
                .version("1")
                .source(source)
                .form(form)
                .sha256(DIGEST)
                .build());
        image.setStatus(GuestImageStatusBuilder.builder()
                .observedGeneration(1L)
                .sha256(DIGEST)
                .size(sizeInCatalog)
                .conditions(List.of())
                .build());
        return ImportPlanner.plan(ImportFactsBuilder.builder()
                .image(image)
                .needs(List.copyOf(starts))
                .copies(List.copyOf(copies))
                .locations(Map.copyOf(locations))
                .shared(shared)
                .alive(Set.copyOf(alive))
                .enrolled(Set.copyOf(enrolled))
                .credentials(credentials)
                .seals(Map.copyOf(seals))
                .build());
    }

    private ImageCopy created() {
        return ((Create) plan()).copy();
    }

    private void wantCredentials() {
        source = new Source(null, new HttpsSource("https://images.example/ws.vhdx", null, new ObjectRef("pull")), null);
        credentials = new PullCredentialsFacts.Found(PullCredentials.bearer("token"));
    }

    private static ImageCopy sealed(ImageCopy copy, String from) {
        copy.setSpec(copy.getSpec().withEnvelope(from == null ? null : new Envelope("sealed", from)));
        return copy;
    }

    private void share() {
        shared = new SharedLocations(
                Map.of("default", List.of(new Folder(Set.of("host-a", "host-b"), Optional.of(true)))));
    }

    private void starts(String node) {
        starts.add(start(incarnation(node, "/vms", Phase.Preparing)));
    }

    private static ImageNeed start(VMIncarnation incarnation) {
        return ImageNeed.of(incarnation).getFirst();
    }

    private static VMIncarnation incarnation(String node, String path, Phase phase) {
        VMIncarnation incarnation = incarnation(node, DesiredState.Running, true, IMAGE, null);
        VMIncarnationSpec spec = incarnation.getSpec();
        incarnation.setSpec(VMIncarnationSpecBuilder.builder()
                .vmRef(spec.vmRef())
                .epoch(spec.epoch())
                .nodeName(spec.nodeName())
                .desiredState(spec.desiredState())
                .machine(machine(path, IMAGE))
                .firstStart(spec.firstStart())
                .build());
        incarnation.setStatus(
                phase == null
                        ? null
                        : VMIncarnationStatusBuilder.builder()
                                .observedGeneration(1L)
                                .phase(phase)
                                .reason("Starting")
                                .message("")
                                .build());
        return incarnation;
    }

    private static VMIncarnation incarnation(
            String node, DesiredState desired, boolean firstStart, String imageUid, Arrival arrival) {
        VMIncarnation incarnation = new VMIncarnation();
        incarnation.setSpec(VMIncarnationSpecBuilder.builder()
                .vmRef(new VmRef("finance", "payroll", UUID.randomUUID().toString(), null))
                .epoch(1L)
                .nodeName(node)
                .desiredState(desired)
                .machine(machine("/vms", imageUid))
                .firstStart(firstStart)
                .arrival(arrival)
                .build());
        return incarnation;
    }

    private static Machine machine(String path, String imageUid) {
        return VMIncarnationSpecMachineBuilder.builder()
                .osType(OsType.Windows)
                .cores(1)
                .memory(new Quantity("1Gi"))
                .location(new Location("default", path))
                .image(new Image("ws", imageUid, DIGEST))
                .osDiskSize(new Quantity("1Gi"))
                .build();
    }

    private static ImageCopy ready(ImageCopy copy) {
        copy.setStatus(ImageCopyStatusBuilder.builder()
                .observedGeneration(1L)
                .progressPercent(100)
                .format("qcow2")
                .virtualSize(new Quantity("1"))
                .conditions(List.of(new ConditionBuilder()
                        .withType("Ready")
                        .withStatus("True")
                        .withReason(Reason.ImageImported.name())
                        .build()))
                .build());
        return copy;
    }

    private static void report(ImageCopy copy, Reason reason) {
        copy.setStatus(ImageCopyStatusBuilder.builder()
                .conditions(List.of(new ConditionBuilder()
                        .withType("Ready")
                        .withStatus("False")
                        .withReason(reason.name())
                        .build()))
                .build());
    }

    private static ImageCopy deleted(ImageCopy copy) {
        copy.getMetadata().setDeletionTimestamp("2026-03-01T12:00:00Z");
        return copy;
    }
}
