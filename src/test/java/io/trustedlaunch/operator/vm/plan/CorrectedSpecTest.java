package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Erased;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.neverRan;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.operator.vm.facts.ImageFactsBuilder;
import io.trustedlaunch.operator.vm.facts.ImageFixture;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Networks;
import io.trustedlaunch.testkit.Nodes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A VM that has not run yet is prepared for its spec as it is now; one that has run keeps what it was made with. */
class CorrectedSpecTest {
    private static final DataDisk DATA = new DataDisk("data", new Quantity("1Gi"));

    static Stream<Arguments> otherFiles() {
        return Stream.of(
                Arguments.of("storage location", inOtherLocation()),
                Arguments.of("image", fromOtherImage()),
                Arguments.of("further data disk", changed(spec -> spec.dataDisks(List.of(DATA)))),
                Arguments.of("smaller OS disk", (UnaryOperator<VmScene>) scene -> scene.osDisk("5Gi")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("otherFiles")
    void aPreparationIsErasedAndMadeAnewWhereItsFilesAreNotThoseOfTheSpec(String name, UnaryOperator<VmScene> change) {
        VmScene scene = twoLocations(reserved(1)).incarnation(1, Running, status(Phase.Preparing));
        assertThat(scene.with(change).step()).isInstanceOf(VmStep.Retire.class);
        assertThat(endedBefore(change, Stopped).step()).isInstanceOf(VmStep.Erase.class);
        VmStep.ReserveEpoch next = endedBefore(change, Erased).step(VmStep.ReserveEpoch.class);
        assertThat(next.node()).isEqualTo("host-a");
        assertThat(next.epoch()).isEqualTo(2);
    }

    @Test
    void aPreparationEndsWhereItsSpecNamesWhatDoesNotExist() {
        VmScene scene = reserved(1).incarnation(1, Running, status(Phase.Preparing));
        assertThat(scene.with(inOtherLocation()).step()).isInstanceOf(VmStep.Retire.class);
        assertRefused(scene.incarnation(1, Stopped, neverRan()), Reason.StorageLocationNotFound, "csv");

        VmScene other = reserved(1).incarnation(1, Running, status(Phase.Preparing));
        assertThat(other.spec(spec -> spec.imageRef(new ObjectRef("other")))
                        .image(ImageFactsBuilder.builder(ImageFixture.missing())
                                .name("other")
                                .build())
                        .step())
                .isInstanceOf(VmStep.Retire.class);
    }

    @Test
    void aPreparationGoesOnWhereItsLocationWasDeleted() {
        assertThat(reserved(1)
                        .incarnation(1, Running, status(Phase.Preparing))
                        .offers(offers -> offers.locations(Map.of()))
                        .step())
                .isInstanceOf(VmStep.Wait.class);
    }

    @Test
    void theNextEpochIsReservedWithTheImageOfTheSpec() {
        assertThat(endedBefore(fromOtherImage(), Erased)
                        .step(VmStep.ReserveEpoch.class)
                        .image()
                        .orElseThrow()
                        .name())
                .isEqualTo("other");
    }

    @Test
    void itsMachineIsTheOneOfTheSpec() {
        VMIncarnationSpec next = created(endedBefore(inOtherLocation(), Erased).status(changed -> changed.epoch(2L)));
        assertThat(next.machine().location().name()).isEqualTo("csv");
        assertThat(next.firstStart()).isTrue();
    }

    static Stream<Arguments> sameFiles() {
        return Stream.of(
                Arguments.of(
                        "network card",
                        changed(spec ->
                                spec.networkInterfaces(List.of(new NetworkInterface("nic1", "default", null))))),
                Arguments.of("cores", changed(spec -> spec.cores(1))),
                Arguments.of("larger OS disk", (UnaryOperator<VmScene>) scene -> scene.osDisk("20Gi")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sameFiles")
    void theDisksOfAPreparationAreKeptWhereTheyFit(String name, UnaryOperator<VmScene> change) {
        VmScene scene = twoLocations(reserved(1)).incarnation(1, Running, status(Phase.Preparing));
        assertThat(scene.with(change).step()).isInstanceOf(VmStep.Retire.class);
        assertThat(endedBefore(change, Stopped).step()).isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @ParameterizedTest(name = "{0} of {1}: kept {2}")
    @CsvSource({"data, 2Gi, true", "data, 1024Mi, true", "data, 512Mi, false", "other, 2Gi, false"})
    void dataDisksOfAPreparationAreKeptWhereTheyOnlyGrow(String name, String size, boolean kept) {
        VmScene changed = twoLocations(reserved(1))
                .spec(spec -> spec.dataDisks(List.of(DATA)))
                .incarnation(1, Stopped, neverRan())
                .spec(spec -> spec.dataDisks(List.of(new DataDisk(name, new Quantity(size)))));
        assertThat(changed.step()).isInstanceOf(kept ? VmStep.ReserveEpoch.class : VmStep.Erase.class);
    }

    @Test
    void anEpochThatWasReservedForAnotherImageIsErasedBeforeItBegins() {
        assertThat(created(reserved(1).with(fromOtherImage())).desiredState()).isEqualTo(Erased);
        assertThat(created(reserved(1)).desiredState()).isEqualTo(Running);
    }

    @Test
    void aWrongNetworkCanBeCorrectedBeforeAnythingIsMade() {
        VmScene scene = applied()
                .withFinalizer()
                .withKey()
                .offers(offers -> offers.networks(Map.of(
                        "default", Networks.network("default").getSpec(),
                        "vlan-24", Networks.network("default").getSpec())))
                .spec(spec -> spec.networkInterfaces(List.of(new NetworkInterface("nic0", "vlan-24", null))));
        assertRefused(scene, Reason.NoNodeFits, "host-a: it has no network vlan-24");
        assertStartsOn(
                "host-a",
                scene.spec(spec -> spec.networkInterfaces(List.of(new NetworkInterface("nic0", "default", null)))));
    }

    @Test
    void aVmThatHasRunIsNotStartedInAnotherLocation() {
        assertRefused(
                stopped().with(inOtherLocation()),
                Reason.SpecMismatch,
                "spec.storageLocationRef names csv",
                "guest state are in storage location default: set spec.storageLocationRef.name to default");
        assertStartsOn("host-a", stopped());
    }

    @Test
    void aVmThatHasRunIsNotStartedWithTheNameOfAnotherImage() {
        assertRefused(
                stopped().with(fromOtherImage()),
                Reason.SpecMismatch,
                "spec.imageRef names other",
                "made from image ws2022: set spec.imageRef.name to ws2022");
    }

    private static VmScene stopped() {
        return twoLocations(running()).incarnation(1, Stopped, ended(Exit.Shutdown));
    }

    /** It was prepared for the spec before the change, and never ran. */
    private static VmScene endedBefore(UnaryOperator<VmScene> change, VMIncarnationSpec.DesiredState desired) {
        return twoLocations(reserved(1))
                .incarnation(
                        1, desired, desired == Erased ? status(Phase.Erased).exit(Exit.NeverRan) : neverRan())
                .with(change);
    }

    private static VmScene twoLocations(VmScene scene) {
        return scene.offers(offers -> offers.locations(Map.of(
                        "default",
                        Nodes.storageLocation().getSpec(),
                        "csv",
                        new StorageLocationSpec("/csv", List.of()))))
                .node(
                        "host-a",
                        node -> node.status(Nodes.status()
                                .storageLocations(List.of(
                                        Nodes.READY_LOCATION,
                                        Nodes.location("csv").build()))
                                .build()));
    }

    private static UnaryOperator<VmScene> changed(UnaryOperator<TrustedLaunchVMSpecBuilder> change) {
        return scene -> scene.spec(change);
    }

    private static UnaryOperator<VmScene> inOtherLocation() {
        return changed(spec -> spec.storageLocationRef(new ObjectRef("csv")));
    }

    private static UnaryOperator<VmScene> fromOtherImage() {
        return scene -> scene.spec(spec -> spec.imageRef(new ObjectRef("other")))
                .image(ImageFactsBuilder.builder(ImageFixture.allowed())
                        .name("other")
                        .uid(Optional.of("00000000-8f1c-4d0e-b3f5-6a1f0f6f2c11"))
                        .spec(Optional.of(GuestImages.spec("f".repeat(64))))
                        .build());
    }
}
