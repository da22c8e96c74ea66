package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.operator.vm.plan.VmScene.running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.created;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.node.VMNetworkSpec;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.operator.vm.facts.ImageFactsBuilder;
import io.trustedlaunch.operator.vm.facts.ImageFixture;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What administrators offer to some namespaces only, and what no VM takes from another. */
class NamespaceIsolationTest {
    static Stream<Arguments> restricted() {
        return Stream.of(
                Arguments.of("GuestImage", image("others")),
                Arguments.of("StorageLocation", location("others")),
                Arguments.of("VMNetwork", network("others")));
    }

    static Stream<Arguments> offered() {
        return Stream.of(
                Arguments.of("GuestImage", image(Vms.NAMESPACE)),
                Arguments.of("StorageLocation", location(Vms.NAMESPACE)),
                Arguments.of("VMNetwork", network(Vms.NAMESPACE)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("restricted")
    void nothingIsMadeFromWhatIsNotOfferedToTheNamespace(String kind, UnaryOperator<VmScene> restriction) {
        assertRefused(
                ready().with(restriction),
                Reason.NamespaceNotAllowed,
                kind + " ",
                "is not offered to namespace " + Vms.NAMESPACE,
                "spec.allowedNamespaces");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("offered")
    void theNamespacesOnTheListUseIt(String kind, UnaryOperator<VmScene> restriction) {
        assertThat(ready().with(restriction).step()).isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @Test
    void aVmThatWasMadeKeepsItsDiskWhereverThatIs() {
        assertThat(stopped().with(image("others")).with(location("others")).step())
                .isInstanceOf(VmStep.ReserveEpoch.class);
    }

    @Test
    void aNetworkIsAskedForAtEveryStart() {
        assertRefused(stopped().with(network("others")), Reason.NamespaceNotAllowed, "VMNetwork default");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("restricted")
    void whatRunsGoesOn(String kind, UnaryOperator<VmScene> restriction) {
        assertThat(running().with(restriction).step()).isEqualTo(running().step());
    }

    @Test
    void aPreparationEndsOnceItsImageIsNotOffered() {
        VmScene preparing = reserved(1).incarnation(1, DesiredState.Running, status(Phase.Preparing));
        assertThat(preparing.with(image("others")).step()).isInstanceOf(VmStep.Retire.class);
    }

    @Test
    void whatWasMadeIsRemovedWhateverIsOfferedNow() {
        VmScene restricted = reserved(1).with(location("others"));
        assertRefused(restricted, Reason.NamespaceNotAllowed, "StorageLocation ");
        assertThat(restricted.deleted().step()).isInstanceOf(VmStep.CreateIncarnation.class);
    }

    @Test
    void aNetworkThatNoAdministratorOffersIsNotUsed() {
        VmScene scene =
                ready().spec(spec -> spec.networkInterfaces(List.of(new NetworkInterface("nic0", "storage", null))));
        assertRefused(scene, Reason.NetworkNotFound, "networkInterfaces nic0 names storage", "VMNetwork");
    }

    @Test
    void aMacAddressThatAnotherVmHadFirstIsRefusedWithoutNamingThatVm() {
        VmScene scene = ready().spec(spec ->
                        spec.networkInterfaces(List.of(new NetworkInterface("nic0", "default", "52:54:00:12:34:56"))))
                .offers(offers -> offers.cardsWithTakenMac(Set.of("nic0")));
        assertRefused(
                scene,
                Reason.MacAddressInUse,
                "networkInterfaces nic0: MAC address 52:54:00:12:34:56 is in use in network default; set another");
    }

    @Test
    void theFilterOfTheNetworkIsOnItsCards() {
        VmScene scene =
                reserved(1).offers(offers -> offers.networks(Map.of("default", new VMNetworkSpec(List.of(), "None"))));
        assertThat(created(scene).machine().nics().getFirst().filter()).isEmpty();
        assertThat(created(reserved(1)).machine().nics().getFirst().filter()).contains("clean-traffic");
    }

    private static VmScene ready() {
        return applied().withFinalizer().withKey();
    }

    private static VmScene stopped() {
        return running().incarnation(1, DesiredState.Stopped, ended(Exit.Shutdown));
    }

    private static UnaryOperator<VmScene> image(String namespace) {
        GuestImageSpec spec = GuestImageSpecBuilder.builder(GuestImages.spec(GuestImages.DIGEST))
                .allowedNamespaces(List.of(namespace))
                .build();
        return scene -> scene.image(ImageFactsBuilder.builder(ImageFixture.allowed())
                .spec(Optional.of(spec))
                .build());
    }

    private static UnaryOperator<VmScene> location(String namespace) {
        return scene -> scene.offers(offers ->
                offers.locations(Map.of("default", new StorageLocationSpec(Nodes.FOLDER, List.of(namespace)))));
    }

    private static UnaryOperator<VmScene> network(String namespace) {
        return scene -> scene.offers(
                offers -> offers.networks(Map.of("default", new VMNetworkSpec(List.of(namespace), "clean-traffic"))));
    }
}
