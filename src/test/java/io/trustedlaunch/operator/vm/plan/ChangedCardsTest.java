package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertStartsOn;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.sealed;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.VMNetworkSpec;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.LinkState;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The network cards of a VM that has its TPM, as its spec changes. Its guest began with nic0 in network default. */
class ChangedCardsTest {
    private static final NetworkInterface CARD = new NetworkInterface("nic0", "default", null);
    private static final NetworkInterface ADDED = new NetworkInterface("nic1", "default", null);
    private static final NetworkInterface MOVED = new NetworkInterface("nic0", "vlan-9", null);
    private static final NetworkInterface DOWN = new NetworkInterface("nic0", "default", null, LinkState.Down);

    @Test
    void theNextStartHasTheCardsOfTheSpecAndEachKeepsItsMacAddress() {
        VmScene off = off().with(offered("vlan-9")).with(wants(ADDED, MOVED));

        assertThat(next(off))
                .containsExactly(
                        new Nic("nic1", "default", mac(ADDED), "clean-traffic"),
                        new Nic("nic0", "vlan-9", mac(CARD), "clean-traffic"));
        assertThat(next(off().with(wants(DOWN))).getFirst().link()).isEqualTo(LinkState.Down);
        assertThat(next(off().with(wants()))).isEmpty();
    }

    @Test
    void theNextStartHasThePlacesThatWereReported() {
        List<DevicePlace> places =
                List.of(new DevicePlace("nic/nic0", "01:00.0"), new DevicePlace("root-port/1", "00:01.0"));
        VmScene off = VmScene.recorded(1)
                .incarnation(1, Running, ended(Exit.Shutdown).places(places))
                .with(wants(ADDED, CARD));

        assertThat(new MachineBuilder(off.facts()).ofNextStart().places()).isEqualTo(places);
    }

    @Test
    void aMigrationKeepsTheCardsOfTheSource() {
        VmScene running = VmScene.running().with(wants(ADDED, DOWN));
        Incarnation source = running.facts().incarnations().current().orElseThrow();

        assertThat(IncarnationBuilder.ofNextMigration(running.facts(), source).machine())
                .isEqualTo(source.machine());
    }

    /** A guest that migrates needs the network that it has, and a start the one of the spec. */
    @Test
    void aNodeNeedsTheNetworkOfTheGuestToTakeItAndThatOfTheSpecToStartIt() {
        VmScene running = onlyHostB("vlan-9", VmScene.running().sharedLocation())
                .with(offered("vlan-9"))
                .with(wants(MOVED));

        assertThat(new Migratability(running.facts()).verdict().message()).contains("it has no network default");
        assertStartsOn(
                "host-b", running.incarnation(1, Running, ended(Exit.Shutdown).guestState(sealed(1, 7, true))));
    }

    @Test
    void aCardThatNoStartMayHaveRefusesTheStart() {
        assertRefused(off().with(wants(MOVED)), Reason.NetworkNotFound, "networkInterfaces nic0 names vlan-9");
        assertRefused(off().with(restricted()).with(wants(MOVED)), Reason.NamespaceNotAllowed, "VMNetwork vlan-9");
        assertRefused(
                off().with(wants(CARD, new NetworkInterface("nic1", "default", mac(CARD)))),
                Reason.MacAddressInUse,
                "networkInterfaces nic1: MAC address " + mac(CARD) + " is in use by nic0",
                "in an entry with another name");
    }

    @Test
    void aRestartWaitsForACardThatNoStartMayHaveAndTheGuestRunsOn() {
        VmScene moved = VmScene.running().with(wants(MOVED)).restartRequested("now");

        assertThat(moved.step(VmStep.Settled.class).message())
                .contains("the requested restart waits: networkInterfaces nic0 names vlan-9");
        assertThat(moved.with(restricted()).step(VmStep.Settled.class).message())
                .contains("the requested restart waits: VMNetwork vlan-9 is not offered");
        assertThat(moved.with(offered("vlan-9")).step()).isInstanceOf(VmStep.Retire.class);
        assertThat(moved.offers(offers -> offers.cardsWithTakenMac(Set.of("nic0")))
                        .step(VmStep.Settled.class)
                        .message())
                .contains("the requested restart waits", "is in use in network vlan-9");
    }

    /** The spec has changed since the epoch was reserved. */
    @Test
    void anEpochOnRecordDoesNotBeginWithACardThatNoStartMayHave() {
        VmScene reserved = VmScene.recorded(2).home("host-a", 1, true).with(wants(MOVED));

        assertRefused(reserved, Reason.NetworkNotFound, "networkInterfaces nic0 names vlan-9");
        assertThat(reserved.with(wants(CARD)).step()).isInstanceOf(VmStep.CreateIncarnation.class);
    }

    /** What it has is known once it is stopped. */
    @Test
    void aGuestThatRunsIsAdoptedWhateverTheSpecNames() {
        VmScene adopted =
                VmScene.recorded(2).home("host-a", 1, true).seen("host-a", 2).with(wants(MOVED));

        assertThat(adopted.step()).isInstanceOf(VmStep.CreateIncarnation.class);
    }

    @Test
    void anIncarnationThatDoesNotRunYetIsReplacedOnceItsCardsAreOthers() {
        VmScene preparing = VmScene.recorded(2).incarnation(2, Running, status(Phase.Preparing));

        assertThat(isSuperseded(preparing)).isFalse();
        assertThat(isSuperseded(preparing.with(wants(DOWN)))).isTrue();
        assertThat(isSuperseded(preparing.with(wants(new NetworkInterface("nic0", "default", null, LinkState.Up)))))
                .isFalse();
    }

    @Test
    void theStatusShowsTheCardsOfTheGuestAndOfTheNextOneWhileItIsOff() {
        assertThat(VmScene.running().newStatus().networkInterfaces())
                .extracting(Interface::name, Interface::macAddress)
                .containsExactly(tuple("nic0", mac(CARD)));
        assertThat(off().with(wants(ADDED)).newStatus().networkInterfaces())
                .extracting(Interface::name, Interface::macAddress)
                .containsExactly(tuple("nic1", mac(ADDED)));
    }

    private static boolean isSuperseded(VmScene scene) {
        return StartChecks.isSuperseded(
                scene.facts(), scene.facts().incarnations().current().orElseThrow());
    }

    private static VmScene off() {
        return VmScene.recorded(1).incarnation(1, Running, ended(Exit.Shutdown).guestState(sealed(1, 7, true)));
    }

    private static UnaryOperator<VmScene> wants(NetworkInterface... cards) {
        return scene -> scene.spec(spec -> spec.networkInterfaces(List.of(cards)));
    }

    private static UnaryOperator<VmScene> offered(String network) {
        return networks(network, List.of());
    }

    private static UnaryOperator<VmScene> restricted() {
        return networks("vlan-9", List.of("others"));
    }

    private static UnaryOperator<VmScene> networks(String network, List<String> namespaces) {
        return scene -> scene.offers(offers -> offers.networks(Map.of(
                "default",
                new VMNetworkSpec(List.of(), "clean-traffic"),
                network,
                new VMNetworkSpec(namespaces, "clean-traffic"))));
    }

    private static VmScene onlyHostB(String network, VmScene scene) {
        return scene.node(
                "host-b",
                changed -> changed.status(
                        ClusterNodeStatusBuilder.builder(Nodes.status().build())
                                .networks(List.of(network))
                                .build()));
    }

    private static List<Nic> next(VmScene scene) {
        return new MachineBuilder(scene.facts()).ofNextStart().nics();
    }

    private static String mac(NetworkInterface card) {
        return MacAddresses.of(Vms.UID, card);
    }
}
