package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmScene.applied;
import static io.trustedlaunch.operator.vm.plan.VmScene.reserved;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Devices;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.AppliedDevices;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.node.VMNetworkSpec;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.DiskBus;
import io.trustedlaunch.api.vm.LinkState;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.NetworkModel;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.ScreenModel;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** RestartRequired of a VM with two cores, 1Gi of memory, an OS disk of 10Gi, data disks and a filtered card. */
class PendingChangesTest {
    private static final String RESTART =
            ": to apply that, restart the guest with kubectl tlvm restart payroll -n finance";
    private static final String MAC = MacAddresses.of(Vms.UID, card("nic0"));
    private static final String OTHER_MAC = "52:54:00:12:34:5a";

    static Stream<Arguments> changes() {
        return Stream.of(
                Arguments.of(
                        changed(scene -> scene.spec(spec -> spec.cores(4))), "spec.cores is 4, and the guest has 2"),
                Arguments.of(
                        changed(scene -> scene.spec(spec -> spec.memory(new Quantity("512Mi")))),
                        "spec.memory is 512Mi, and the guest has 1Gi"),
                Arguments.of(
                        changed(scene -> scene.spec(spec -> spec.screen(ScreenModel.VGA))),
                        "spec.screen is VGA, and the guest has None"),
                Arguments.of(
                        changed(scene ->
                                scene.spec(spec -> spec.osDisk(new OsDisk(new Quantity("10Gi"), DiskBus.SATA)))),
                        "the bus of the OS disk (spec.diskBus, spec.osDisk.bus) is SATA, and the guest has VirtIO"),
                Arguments.of(
                        changed(scene -> scene.spec(spec ->
                                spec.diskBus(DiskBus.SATA).osDisk(new OsDisk(new Quantity("10Gi"), DiskBus.VirtIO)))),
                        "the bus of data disks (spec.diskBus) is SATA, and the guest has VirtIO"),
                Arguments.of(
                        changed(scene -> scene.spec(spec -> spec.networkModel(NetworkModel.E1000e))),
                        "spec.networkModel is E1000e, and the guest has VirtIO"),
                Arguments.of(
                        changed(scene -> scene.spec(cards(new NetworkInterface("nic0", "default", OTHER_MAC)))),
                        "spec.networkInterfaces, MAC address of nic0 is " + OTHER_MAC + ", and the guest has " + MAC),
                Arguments.of(
                        changed(scene -> scene.with(filter("None"))),
                        "trafficFilter of VMNetwork default is None, and the guest has clean-traffic"),
                Arguments.of(
                        changed(scene -> scene.spec(spec -> spec.cores(1))), "spec.cores is 1, and the guest has 2"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("changes")
    void whatOnlyAStartAppliesIsNamedWithBothValuesAndTheNextStep(UnaryOperator<VmScene> change, String named) {
        Condition condition = condition(change.apply(runs()));

        assertThat(condition.getStatus()).isEqualTo("True");
        assertThat(condition.getReason()).isEqualTo("SpecChanged");
        assertThat(condition.getMessage()).isEqualTo(named + RESTART);
    }

    static Stream<UnaryOperator<VmScene>> changesWithoutARestart() {
        return Stream.of(
                changed(scene -> scene.osDisk("20Gi")),
                changed(scene -> scene.spec(data("2Gi"))),
                changed(scene -> scene.spec(spec -> spec.dataDisks(List.of(
                        new DataDisk("logs", new Quantity("500Mi")), new DataDisk("more", new Quantity("1Gi")))))),
                changed(scene -> scene.with(offered("vlan-9"))
                        .spec(cards(new NetworkInterface("nic0", "vlan-9", null, LinkState.Down)))),
                changed(scene -> scene.spec(cards(new NetworkInterface("lan", "default", OTHER_MAC)))));
    }

    @ParameterizedTest
    @MethodSource("changesWithoutARestart")
    void whatAGuestIsGivenWhileItRunsRequiresNoRestart(UnaryOperator<VmScene> change) {
        assertNotRequired(change.apply(runs()), Reason.ChangingDevices);
    }

    /** An agent that is older than the operator. */
    @Test
    void whereTheNodeCannotChangeDevicesTheyWaitForAStart() {
        UnaryOperator<VmScene> older = scene -> scene.node(
                "host-a",
                node -> node.status(
                        ClusterNodeStatusBuilder.builder(Nodes.status().build())
                                .incarnationFields(List.of("epoch"))
                                .build()));

        assertThat(condition(runs().with(older).osDisk("20Gi")).getMessage())
                .isEqualTo("spec.osDisk.size is 20Gi, and the guest has 10Gi" + RESTART);
    }

    @Test
    void whatItsAgentCannotDoIsToldAndARestartDoesIt() {
        VmScene told = runs().incarnation(
                        1,
                        Running,
                        reported(Phase.Running)
                                .devices(new AppliedDevices(
                                        null, "DeviceChangeFailed", "disk os.qcow2 does not grow: busy")))
                .incarnation(
                        1,
                        spec -> spec.devices(new Devices(
                                1L,
                                new Quantity("20Gi"),
                                spec.machine().dataDisks(),
                                spec.machine().removedDisks(),
                                spec.machine().nics())))
                .osDisk("20Gi");

        assertThat(condition(told).getStatus()).isEqualTo("True");
        assertThat(condition(told).getReason()).isEqualTo("DeviceChangeFailed");
        assertThat(condition(told).getMessage())
                .isEqualTo(
                        "disk os.qcow2 does not grow: busy: the agent tries again. To apply it at once, restart the guest"
                                + " with kubectl tlvm restart payroll -n finance");
    }

    static Stream<UnaryOperator<VmScene>> noChanges() {
        return Stream.of(
                changed(scene -> scene),
                changed(scene -> scene.spec(cards(new NetworkInterface("nic0", "default", MAC, LinkState.Up)))),
                changed(scene -> scene.spec(spec -> spec.screen(ScreenModel.None))),
                changed(scene -> scene.spec(spec -> spec.diskBus(DiskBus.VirtIO).networkModel(NetworkModel.VirtIO))),
                changed(scene -> scene.spec(spec -> spec.memory(new Quantity("1024Mi")))),
                changed(scene -> scene.spec(data("0.5Gi")).osDisk("9Gi")),
                changed(scene -> scene.spec(spec -> spec.terminationGracePeriodSeconds(3))),
                changed(scene -> scene.offers(offers -> offers.networks(Map.of()))),
                changed(scene -> scene.offers(offers -> offers.locations(Map.of()))),
                changed(scene -> scene.spec(spec -> spec.storageLocationRef(new ObjectRef("other")))));
    }

    /** No start makes a disk smaller, and one that something forbids is not asked for. */
    @ParameterizedTest
    @MethodSource("noChanges")
    void nothingElseRequiresARestart(UnaryOperator<VmScene> change) {
        assertNotRequired(change.apply(runs()), Reason.UpToDate);
    }

    @Test
    void aCardThatNoStartMayHaveIsNamedWithWhy() {
        VmScene moved = runs().spec(cards(new NetworkInterface("nic0", "vlan-9", null)));

        assertThat(condition(moved).getMessage())
                .isEqualTo("spec.networkInterfaces, network of nic0 is vlan-9, and the guest has default" + RESTART
                        + ", which waits as long as a start is refused: networkInterfaces nic0 names vlan-9: this"
                        + " VMNetwork does not exist; an administrator creates it to offer the libvirt network of that"
                        + " name");
    }

    @Test
    void twoCardsOfANetworkWhoseFilterHasChangedAreOneChange() {
        VmScene two = runs(cards(card("nic0"), card("nic1"))).with(filter("None"));

        assertThat(condition(two).getMessage())
                .isEqualTo("trafficFilter of VMNetwork default is None, and the guest has clean-traffic" + RESTART);
    }

    @Test
    void onlyAGuestThatGoesOnRequiresOne() {
        UnaryOperator<VmScene> grown = scene -> scene.osDisk("20Gi");
        assertNotRequired(applied().with(grown), Reason.NotRunning);
        assertNotRequired(
                reserved(1).incarnation(1, Running, status(Phase.Preparing)).with(grown), Reason.NotRunning);
        assertNotRequired(runs().with(grown).strategy(RunStrategy.Halted), Reason.NotRunning);
        assertNotRequired(
                runs().incarnation(1, Stopped, reported(Phase.Stopping)).with(grown), Reason.NotRunning);
        assertNotRequired(runs().incarnation(1, Running, ended(Exit.Shutdown)).with(grown), Reason.NotRunning);
        assertNotRequired(runs().fenced("host-a").with(grown), Reason.NotRunning);
        assertNotRequired(runs().with(grown).deleted(), Reason.NotRunning);
    }

    @Test
    void theConditionOfAGuestThatHasAllOfItsSpecIsFalse() {
        assertThat(condition(runs()).getStatus()).isEqualTo("False");
        assertThat(condition(runs()).getReason()).isEqualTo("UpToDate");
    }

    @Test
    void disksThatWereNotWholeAtTheStartAreSaidToGrowLater() {
        assertThat(condition(runs()).getMessage()).isEqualTo("the guest runs with what a start would give it now");
        VmScene filled = runs().incarnation(1, spec -> spec.diskFill(Vms.UID));
        assertThat(new PendingChanges(filled.facts()).verdict().message()).contains("grow once it is started again");
    }

    /** It is paused between its nodes, with the machine that it had. */
    @Test
    void aGuestThatArrivesElsewhereRequiresItAsBefore() {
        VmScene arriving = runs().onRecord("host-b", 2)
                .incarnation(2, Running, status(Phase.Received))
                .incarnation(2, spec -> spec.nodeName("host-b").arrival(new Arrival(1L, "host-a", true, false)))
                .osDisk("20Gi");

        assertThat(new PendingChanges(arriving.facts()).verdict().reason()).isEqualTo(Reason.ChangingDevices);
        assertThat(new PendingChanges(arriving.spec(spec -> spec.cores(4)).facts())
                        .verdict()
                        .reason())
                .isEqualTo(Reason.SpecChanged);
    }

    private static VmScene runs() {
        return runs(cards(card("nic0")));
    }

    private static VmScene runs(UnaryOperator<TrustedLaunchVMSpecBuilder> cards) {
        return VmScene.recorded(1).spec(data("1Gi")).spec(cards).incarnation(1, Running, reported(Phase.Running));
    }

    private static NetworkInterface card(String name) {
        return new NetworkInterface(name, "default", null);
    }

    private static UnaryOperator<TrustedLaunchVMSpecBuilder> cards(NetworkInterface... cards) {
        return spec -> spec.networkInterfaces(List.of(cards));
    }

    private static UnaryOperator<VmScene> offered(String network) {
        VMNetworkSpec filtered = new VMNetworkSpec(List.of(), "clean-traffic");
        return scene -> scene.offers(offers -> offers.networks(Map.of("default", filtered, network, filtered)));
    }

    private static UnaryOperator<TrustedLaunchVMSpecBuilder> data(String size) {
        return spec -> spec.dataDisks(
                List.of(new DataDisk("logs", new Quantity("500Mi")), new DataDisk("data", new Quantity(size))));
    }

    private static UnaryOperator<VmScene> filter(String name) {
        return scene -> scene.offers(offers -> offers.networks(Map.of("default", new VMNetworkSpec(List.of(), name))));
    }

    private static UnaryOperator<VmScene> changed(UnaryOperator<VmScene> change) {
        return change;
    }

    private static void assertNotRequired(VmScene scene, Reason reason) {
        assertThat(new PendingChanges(scene.facts()).verdict().reason()).isEqualTo(reason);
    }

    private static Condition condition(VmScene scene) {
        return Conditions.find(scene.newStatus().conditions(), ConditionType.RestartRequired)
                .orElseThrow();
    }
}
