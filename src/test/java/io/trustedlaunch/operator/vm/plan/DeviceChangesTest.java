package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Devices;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.AppliedDevices;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.VMNetworkSpec;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.DiskBus;
import io.trustedlaunch.api.vm.LinkState;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A guest that runs with an OS disk of 10Gi, data disk data of 1Gi and card nic0, and whose spec changes. */
class DeviceChangesTest {
    private static final NetworkInterface CARD = new NetworkInterface("nic0", "default", null);
    private static final NetworkInterface ADDED = new NetworkInterface("nic1", "default", null);

    @Test
    void disksThatAreLargerGrowAndSmallerOnesStay() {
        Devices devices = requested(runs().osDisk("20Gi").with(data("0.5Gi")));

        assertThat(devices.revision()).isEqualTo(1);
        assertThat(devices.osDiskSize()).isEqualTo(new Quantity("20Gi"));
        assertThat(devices.dataDisks()).containsExactly(new Disk("data", new Quantity("1Gi")));
        assertThat(requested(runs().with(data("2Gi"))).dataDisks())
                .containsExactly(new Disk("data", new Quantity("2Gi")));
    }

    @Test
    void cardsComeGoAndChangeNetworkAndLink() {
        assertThat(requested(runs().with(wants(ADDED, CARD))).nics())
                .containsExactly(nic(CARD, "default"), nic(ADDED, "default"));
        assertThat(requested(runs().with(wants())).nics()).isEmpty();
        assertThat(requested(runs().with(wants(new NetworkInterface("nic0", "default", null, LinkState.Down))))
                        .nics()
                        .getFirst()
                        .link())
                .isEqualTo(LinkState.Down);
        VmScene moved =
                runs().with(offered("vlan-9", "None")).with(wants(new NetworkInterface("nic0", "vlan-9", null)));
        assertThat(requested(moved).nics()).containsExactly(new Nic("nic0", "vlan-9", mac(CARD), "None"));
    }

    @Test
    void disksComeWithTheEpochOfTheGuestAndTheRevision() {
        VmScene added = runs().spec(spec -> spec.dataDisks(List.of(disk("data"), disk("new"))));
        Devices devices = requested(added);

        assertThat(devices.dataDisks())
                .containsExactly(
                        new Disk("data", new Quantity("1Gi")), new Disk("new", new Quantity("1Gi"), 1L, null, 1L));
        assertThat(devices.removedDisks()).isEmpty();
    }

    @Test
    void disksGoAndAreKeptAsRemovedOnes() {
        Devices devices = requested(runs().spec(spec -> spec.dataDisks(List.of(disk("new")))));

        assertThat(devices.dataDisks()).containsExactly(new Disk("new", new Quantity("1Gi"), 1L, null, 1L));
        assertThat(devices.removedDisks()).containsExactly(new Disk("data", new Quantity("1Gi")));
    }

    /** No two disks have one identity. */
    @Test
    void aNameThatIsUsedAgainInOneEpochWaitsForAStart() {
        VmScene removed = runs(new AppliedDevices(2L, null, null), 2)
                .incarnation(
                        1,
                        spec -> spec.devices(new Devices(
                                2L,
                                new Quantity("20Gi"),
                                spec.machine().dataDisks(),
                                List.of(new Disk("new", new Quantity("1Gi"), 1L, null)),
                                spec.machine().nics())))
                .spec(spec -> spec.dataDisks(List.of(disk("data"), disk("new"))));

        assertThat(removed.step()).isInstanceOf(VmStep.Settled.class);
        assertThat(new PendingChanges(removed.facts()).verdict().message())
                .contains("spec.dataDisks has new, and the guest has not: it is a new, empty disk");
        DataDisk back = new DataDisk("new", new Quantity("1Gi"), new DataDisk.Origin("new.1"));
        assertThat(requested(removed.spec(spec -> spec.dataDisks(List.of(disk("data"), back))))
                        .dataDisks())
                .contains(new Disk("new", new Quantity("1Gi"), 1L, true));
    }

    /** AHCI has no hot-plug, and its guest does not see a larger disk. */
    @Test
    void disksOfWindowsWaitForTheNextStart() {
        VmScene windows = runs().incarnation(
                        1,
                        spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                                .osType(OsType.Windows)
                                .build()))
                .osDisk("20Gi");

        assertThat(windows.spec(spec -> spec.dataDisks(List.of(disk("new")))).step())
                .isInstanceOf(VmStep.Settled.class);
        assertThat(windows.spec(spec -> spec.dataDisks(List.of(new DataDisk("data", new Quantity("2Gi")))))
                        .step())
                .isInstanceOf(VmStep.Settled.class);
    }

    @Test
    void disksOfWindowsOnVirtioComeAndGo() {
        VmScene windows = runs().incarnation(
                        1,
                        spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                                .osType(OsType.Windows)
                                .diskBus(DiskBus.VirtIO)
                                .osDiskBus(DiskBus.SATA)
                                .build()))
                .osDisk("20Gi")
                .spec(spec -> spec.dataDisks(List.of(disk("new"))));

        assertThat(requested(windows).dataDisks()).extracting(Disk::name).containsExactly("new");
        assertThat(requested(windows).osDiskSize()).isEqualTo(new Quantity("10Gi"));
    }

    /** What only a start applies waits, beside what does not. */
    @Test
    void theRestOfTheMachineStays() {
        assertThat(runs().spec(spec -> spec.cores(4)).step()).isInstanceOf(VmStep.Settled.class);
        assertThat(runs().with(wants(new NetworkInterface("nic0", "default", "52:54:00:12:34:5a")))
                        .step())
                .isInstanceOf(VmStep.Settled.class);
        assertThat(runs().offers(offers -> offers.networks(Map.of("default", new VMNetworkSpec(List.of(), "None"))))
                        .step())
                .isInstanceOf(VmStep.Settled.class);
    }

    @Test
    void eachChangeRaisesTheRevisionAlsoAboveTheReportedOne() {
        VmScene second = runs(new AppliedDevices(1L, null, null), 1).osDisk("40Gi");
        VmScene restored = runs(new AppliedDevices(7L, null, null), 2).osDisk("40Gi");

        assertThat(requested(second).revision()).isEqualTo(2);
        assertThat(requested(restored).revision()).isEqualTo(8);
    }

    /** The record is older than the guest, which gets the devices of the record again. */
    @Test
    void aRevisionThatTheRecordLacksIsReplaced() {
        VmScene older =
                runs().incarnation(1, Running, reported(Phase.Running).devices(new AppliedDevices(7L, null, null)));

        Devices devices = requested(older);
        assertThat(devices.revision()).isEqualTo(8);
        assertThat(devices.nics()).containsExactly(nic(CARD, "default"));
    }

    /** The quotas count it before it grows. */
    @Test
    void aLargerDiskCountsFirstAndWaitsForItsQuota() {
        VmScene grown = runs().osDisk("20Gi");
        assertThat(grown.newStatus().charged().storage()).isEqualTo(new Quantity("21Gi"));

        VmScene tooMuch = runs().quota(hard -> hard.storage(new Quantity("15Gi")), others -> others)
                .osDisk("20Gi");
        assertThat(tooMuch.step()).isInstanceOf(VmStep.Settled.class);
        assertThat(new PendingChanges(tooMuch.facts()).verdict().reason()).isEqualTo(Reason.SpecChanged);
    }

    @Test
    void aCardThatNoStartMayHaveIsNotGivenEither() {
        VmScene moved = runs().with(wants(new NetworkInterface("nic0", "vlan-9", null)));

        assertThat(moved.step()).isInstanceOf(VmStep.Settled.class);
        assertThat(requested(moved.with(offered("vlan-9", "clean-traffic"))).nics())
                .containsExactly(nic(CARD, "vlan-9"));
    }

    @Test
    void disksThatAreBeingFilledDoNotGrow() {
        VmScene filled = runs().incarnation(1, spec -> spec.diskFill(Vms.UID)).osDisk("20Gi");

        assertThat(filled.step()).isInstanceOf(VmStep.Settled.class);
    }

    @Test
    void aMigrationAndAChangeWaitForEachOther() {
        VmScene changing = runs(null, 1).with(migrates());
        assertThat(changing.step()).isInstanceOf(VmStep.Settled.class);

        VmScene changed = runs(new AppliedDevices(1L, null, null), 1).with(migrates());
        MigrationStep.ReserveMigration reserved = changed.step(MigrationStep.ReserveMigration.class);

        VmScene migrating =
                changed.status(status -> status.migration(reserved.migration())).osDisk("60Gi");
        assertThat(migrating.step()).isNotInstanceOf(ChangeDevices.class);
        assertThat(new PendingChanges(migrating.facts()).verdict().message())
                .contains("waits for the end of VMMigration");
    }

    /** The next incarnation has what the guest had, and no devices beside it. */
    @Test
    void whatTheGuestHasByNowIsTheMachineOfItsTarget() {
        VmScene changed = runs(new AppliedDevices(1L, null, null), 1);
        Incarnation source = new Incarnation(changed);

        assertThat(source.next().machine().osDiskSize()).isEqualTo(new Quantity("20Gi"));
        assertThat(source.next().devices()).isNull();
    }

    private record Incarnation(VmScene scene) {
        io.trustedlaunch.api.incarnation.VMIncarnationSpec next() {
            return IncarnationBuilder.ofNextMigration(
                    scene.facts(), scene.facts().incarnations().current().orElseThrow());
        }
    }

    @Test
    void aGuestThatDoesNotRunIsGivenNothing() {
        assertThat(runs().incarnation(1, Running, ended(Exit.Shutdown))
                        .osDisk("20Gi")
                        .step())
                .isNotInstanceOf(ChangeDevices.class);
        assertThat(VmScene.recorded(1)
                        .incarnation(1, Running, reported(Phase.Stopping))
                        .osDisk("20Gi")
                        .step())
                .isNotInstanceOf(ChangeDevices.class);
    }

    private static VmScene runs() {
        return VmScene.recorded(1).with(data("1Gi")).with(wants(CARD)).incarnation(1, Running, reported(Phase.Running));
    }

    /** One whose OS disk was to grow to 20Gi. */
    private static VmScene runs(AppliedDevices applied, long revision) {
        return runs().incarnation(1, Running, reported(Phase.Running).devices(applied))
                .incarnation(
                        1,
                        spec -> spec.devices(new Devices(
                                revision,
                                new Quantity("20Gi"),
                                spec.machine().dataDisks(),
                                spec.machine().removedDisks(),
                                spec.machine().nics())))
                .osDisk("20Gi");
    }

    private static UnaryOperator<VmScene> migrates() {
        return scene -> scene.sharedLocation().facts(facts -> facts.migrations(List.of(Vms.migration("move", null))));
    }

    private static Devices requested(VmScene scene) {
        return scene.step(ChangeDevices.class).devices();
    }

    private static DataDisk disk(String name) {
        return new DataDisk(name, new Quantity("1Gi"));
    }

    private static UnaryOperator<VmScene> wants(NetworkInterface... cards) {
        return scene -> scene.spec(spec -> spec.networkInterfaces(List.of(cards)));
    }

    private static UnaryOperator<VmScene> data(String size) {
        return scene -> scene.spec(spec -> spec.dataDisks(List.of(new DataDisk("data", new Quantity(size)))));
    }

    private static UnaryOperator<VmScene> offered(String network, String filter) {
        return scene -> scene.offers(offers -> offers.networks(Map.of(
                "default",
                new VMNetworkSpec(List.of(), "clean-traffic"),
                network,
                new VMNetworkSpec(List.of(), filter))));
    }

    private static Nic nic(NetworkInterface card, String network) {
        return new Nic(card.name(), network, mac(card), "clean-traffic");
    }

    private static String mac(NetworkInterface card) {
        return MacAddresses.of(Vms.UID, card);
    }
}
