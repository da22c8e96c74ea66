package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.domain.BackupSpec;
import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DiskFormat;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.hypervisor.GuestDevicesContract;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.libvirt.DomainDevices.LiveCard;
import io.trustedlaunch.agent.seed.Xorriso;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.process.Command;
import io.trustedlaunch.testkit.HostProcess;
import io.trustedlaunch.testkit.OwnThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Devices of live domains of the real libvirt and QEMU, whose guests stay in the firmware. */
@InsideAHost
class LibvirtDevicesIT extends GuestDevicesContract {
    private static final long BYTES = 64L << 20;
    private static final String OTHER_NETWORK = "tl-test";

    private final HypervisorAccount account = HypervisorAccount.named(Optional.empty(), Optional.empty());
    private TestHost host;
    private LibvirtHypervisor libvirt;

    @BeforeEach
    void connect() throws IOException {
        host = new TestHost();
        libvirt = new LibvirtHypervisor(LibvirtSettings.system());
        Path network = Files.writeString(
                host.folder().resolve("network.xml"),
                "<network><name>" + OTHER_NETWORK + "</name><bridge name='tltest0' stp='off'/></network>");
        virsh("net-create", network.toString());
    }

    @AfterEach
    void cleanUp() throws IOException {
        libvirt.destroy(vm());
        libvirt.eraseState(vm());
        libvirt.close();
        virsh("net-destroy", OTHER_NETWORK);
        host.close();
    }

    @Override
    protected Hypervisor hypervisor() {
        return libvirt;
    }

    @Override
    protected DomainSpec spec(UUID vm, long epoch) {
        return host.emptyQcow2(vm, epoch, BYTES);
    }

    @Override
    protected void prepare(DomainSpec spec) {
        libvirt.prepareVariables(spec);
        host.manufacture(spec.vm(), SECRET);
    }

    @Override
    protected Disk disk(String name, long bytes) {
        Path file = host.folder().resolve("data-" + name + ".qcow2");
        host.makeQcow2(file, bytes);
        return new Disk(name, file, DiskFormat.QCOW2);
    }

    @Override
    protected Path disc(String name) {
        Path files = host.folder().resolve("files-" + name);
        Path image = host.folder().resolve(name + ".iso");
        try {
            Files.createDirectory(files);
            Files.writeString(files.resolve("name"), name);
            new Xorriso().write(name, files, image);
            account.show(image);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return image;
    }

    /** A guest without a system lets go of nothing. */
    @Override
    protected void holdDevices(UUID vm) {
        assertThat(libvirt.find(vm)).isPresent();
    }

    @Override
    protected String network() {
        return "lab";
    }

    @Override
    protected String otherNetwork() {
        return OTHER_NETWORK;
    }

    @Override
    protected Nic card(UUID vm, String mac) {
        LiveCard card = new DomainDevices(LibvirtXml.parse(virsh("dumpxml", vm.toString())))
                .cardWith(mac)
                .orElseThrow();
        return new Nic("nic0", card.network(), card.mac(), card.filter().orElse("None"), card.link());
    }

    @Test
    void theFileOfADiskGrowsAndKeepsWhatIsKnownOfItsChanges() throws IOException {
        account.makeOwn(host.folder().resolve("sockets"));
        Path disk = start(with(OsType.Linux, 1, List.of(), List.of())).osDisk().path();
        backUp("one", Optional.empty(), disk);

        devices().growDisk(vm(), disk, 4 * BYTES);

        assertThat(info(disk)).contains("\"virtual-size\": " + 4 * BYTES);
        backUp("two", Optional.of("one"), disk);
        libvirt.destroy(vm());
        assertThat(info(disk))
                .contains("\"name\": \"one\"", "\"name\": \"two\"")
                .doesNotContain("in-use");
        libvirt.createPaused(with(OsType.Linux, 2, List.of(), List.of()), SECRET);
        libvirt.backups().defineCheckpoint(vm(), "one", Optional.empty(), List.of(disk));
        libvirt.backups().defineCheckpoint(vm(), "two", Optional.of("one"), List.of(disk));
        backUp("three", Optional.of("two"), disk);
    }

    @Test
    void aDiskThatIsBackedUpDoesNotGrow() throws IOException {
        account.makeOwn(host.folder().resolve("sockets"));
        Path disk = start(with(OsType.Linux, 1, List.of(), List.of())).osDisk().path();
        libvirt.backups().begin(vm(), backup("one", Optional.empty(), disk));

        assertThat(failure(() -> devices().growDisk(vm(), disk, 2 * BYTES)))
                .isInstanceOf(HypervisorFailure.OperationFailed.class);
        libvirt.backups().end(vm());
        devices().growDisk(vm(), disk, 2 * BYTES);
        assertThat(info(disk)).contains("\"virtual-size\": " + 2 * BYTES);
    }

    private void backUp(String checkpoint, Optional<String> base, Path disk) {
        libvirt.backups().begin(vm(), backup(checkpoint, base, disk));
        libvirt.backups().end(vm());
    }

    private BackupSpec backup(String checkpoint, Optional<String> base, Path disk) {
        Path scratch = host.folder().resolve("scratch.qcow2");
        host.makeQcow2(scratch, devices().of(vm()).disks().getFirst().bytes());
        return new BackupSpec(
                checkpoint,
                base,
                host.folder().resolve("sockets").resolve("nbd"),
                List.of(new BackupSpec.Disk("root", disk, scratch)));
    }

    private static String info(Path disk) {
        return output("qemu-img", "info", "-U", "--output=json", disk.toString());
    }

    /** libvirt gives devices without a place the first ports, in its own order: spare ports move none. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Linux | nic/nic0 01:00.0, virtio-serial 02:00.0, disk/os 03:00.0, disk/a 04:00.0, disk/b 05:00.0, rng 06:00.0 | 10",
                "Windows | nic/nic0 01:00.0, usb 02:00.0, virtio-serial 03:00.0, disk/os sata:0.0, disk/a sata:0.1, disk/b sata:0.2 | 7"
            })
    void aFirstStartHasItsDevicesInTheFirstPortsAndFourSpareOnes(OsType osType, String expected, int ports) {
        start(with(
                osType,
                1,
                List.of(disk("a", 1 << 20), disk("b", 1 << 20)),
                List.of(new Nic("nic0", network(), "52:54:00:12:34:56", "None"))));

        List<DevicePlace> places = places(osType);

        assertThat(places)
                .filteredOn(place -> !place.device().startsWith("root-port/"))
                .extracting(place -> place.device() + " " + place.address())
                .containsExactlyInAnyOrder(expected.split(", "));
        int slot = osType == OsType.Linux ? 1 : 2;
        assertThat(rootPorts(places))
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, ports)
                        .mapToObj(port -> new DevicePlace(
                                "root-port/" + (port + 1), "00:%02x.%x".formatted(slot + port / 8, port % 8)))
                        .toList());
    }

    /** libvirt 9 and 11 gave a machine one spare port; the last may be the only function of its slot. */
    @ParameterizedTest
    @CsvSource({"7", "8", "9", "12"})
    void portsOnRecordStayAndSpareOnesComeBehindThem(int onRecord) {
        List<DevicePlace> record = new ArrayList<>(IntStream.range(0, onRecord)
                .mapToObj(port ->
                        new DevicePlace("root-port/" + (port + 1), "00:%02x.%x".formatted(1 + port / 8, port % 8)))
                .toList());
        record.addAll(List.of(
                new DevicePlace("virtio-serial", "02:00.0"),
                new DevicePlace("disk/os", "03:00.0"),
                new DevicePlace("disk/a", "06:00.0"),
                new DevicePlace("rng", "07:00.0")));

        start(placed(with(OsType.Linux, 1, List.of(disk("b", 1 << 20), disk("a", 1 << 20)), List.of()), record));

        List<DevicePlace> places = places(OsType.Linux);
        assertThat(places).containsAll(record);
        assertThat(rootPorts(places)).hasSize(Math.max(onRecord, 5 + 4));
        assertThat(places).contains(new DevicePlace("disk/b", "01:00.0"));
    }

    /** 16 data disks and 8 cards: in the shape of Windows, two SATA controllers are on a bridge. */
    @ParameterizedTest
    @CsvSource({"Linux, 31", "Windows, 15"})
    void theLargestMachineHasSparePortsToo(OsType osType, int ports) {
        List<Disk> disks = new ArrayList<>(List.of(disk("a", 1 << 20), disk("b", 1 << 20), disk("data", 1 << 20)));
        IntStream.range(3, 16).forEach(i -> disks.add(disk("d" + i, 1 << 20)));
        List<Nic> cards = IntStream.range(0, 8)
                .mapToObj(i -> new Nic("nic" + i, network(), "52:54:00:12:34:6" + i, "None"))
                .toList();
        DomainSpec largest = with(osType, 1, disks, cards);

        start(largest);
        libvirt.resume(vm());

        String xml = virsh("dumpxml", vm().toString());
        assertThat(xml.split("model='pcie-root-port'>", -1)).hasSize(ports + 1);
        assertThat(devices().of(vm()).disks()).hasSize(17);
        DomainSpec more = with(osType, 1, disks, cards.subList(0, 7));
        libvirt.destroy(vm());
        libvirt.createPaused(more, SECRET);
        assertThat(devices().of(vm()).cards()).hasSize(7);
        devices().attachCard(largest, "nic7");
        assertThat(devices().of(vm()).cards()).hasSize(8);
    }

    @Test
    void aQemuThatDoesNotAnswerIsNotWaitedForWithoutEnd() throws Exception {
        DomainSpec spec = start(with(OsType.Linux, 1, List.of(), List.of()));
        HostProcess qemu = new HostProcess(host.qemu(spec));
        qemu.suspend();

        // The second call finds the first one open.
        for (int call = 0; call < 2; call++) {
            HypervisorFailure unanswered = OwnThread.supply(() ->
                            failure(() -> devices().growDisk(vm(), spec.osDisk().path(), 2 * BYTES)))
                    .get(60, TimeUnit.SECONDS);
            assertThat(unanswered.message()).contains("does not answer");
        }

        qemu.resume();
    }

    private static String virsh(String... arguments) {
        List<String> command = new ArrayList<>(List.of("virsh"));
        command.addAll(List.of(arguments));
        return output(command.toArray(String[]::new));
    }

    private static String output(String... command) {
        Command.Result result = Command.of(Duration.ofSeconds(60), command).run();
        assertThat(result.succeeded()).as(result.output()).isTrue();
        return result.output();
    }
}
