package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DiskFormat;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.domain.NestingGuest.Result;
import io.trustedlaunch.agent.domain.Specs;
import io.trustedlaunch.agent.hypervisor.GuestConsole;
import io.trustedlaunch.agent.hypervisor.GuestStatistics;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorContract;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.tpm.EndorsementKey;
import io.trustedlaunch.agent.tpm.TpmException;
import io.trustedlaunch.agent.tpm.TpmRegisters;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.agent.tpm.VtpmBlobs;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.ScreenModel;
import io.trustedlaunch.cli.plugin.screen.KeyCombination;
import io.trustedlaunch.cli.plugin.screen.Picture;
import io.trustedlaunch.cli.plugin.screen.RfbClient;
import io.trustedlaunch.testkit.HostProcess;
import io.trustedlaunch.testkit.OwnThread;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The real hypervisor, with the libvirt of the host that the test runs in. */
@InsideAHost
class LibvirtHypervisorIT extends HypervisorContract {
    private static final TpmSecret OTHER_SECRET = TpmSecret.of("f".repeat(64).getBytes(StandardCharsets.US_ASCII));

    private TestHost host;
    private LibvirtHypervisor libvirt;

    @BeforeEach
    void connect() throws IOException {
        host = new TestHost();
        libvirt = new LibvirtHypervisor(LibvirtSettings.system());
    }

    @AfterEach
    void cleanUp() throws IOException {
        libvirt.destroy(vm());
        libvirt.eraseState(vm());
        libvirt.close();
        host.close();
    }

    @Override
    protected Hypervisor hypervisor() {
        return libvirt;
    }

    @Override
    protected DomainSpec spec(UUID vm, long epoch) {
        return host.emptyDisk(vm, epoch);
    }

    @Override
    protected void manufactureTpm(UUID vm) {
        host.manufacture(vm, SECRET);
    }

    @Override
    protected void stopVtpm(UUID vm) {
        HostProcess.swtpmOf(vm).suspend();
    }

    @Override
    protected void continueVtpm(UUID vm) {
        HostProcess.swtpmOf(vm).resume();
    }

    @Override
    protected void killVtpm(UUID vm) {
        HostProcess.swtpmOf(vm).kill();
    }

    @Test
    void theTpmIsTheSameBeforeDuringAndAfterTheDomain() {
        libvirt.prepareVariables(spec(vm(), 1));
        EndorsementKey made = host.manufacture(vm(), SECRET);

        libvirt.createPaused(spec(vm(), 1), SECRET);
        assertThat(host.probe(vm(), SECRET)).isEqualTo(made);
        libvirt.resume(vm());
        libvirt.destroy(vm());

        assertThat(host.probe(vm(), SECRET)).isEqualTo(made);
    }

    /** The firmware starts the TPM, and measures what it does. */
    @Test
    void theRegistersOfARunningTpmAreReadWithItsKey() {
        libvirt.prepareVariables(spec(vm(), 1));
        EndorsementKey made = host.manufacture(vm(), SECRET);
        libvirt.createPaused(spec(vm(), 1), SECRET);
        assertThat(registers()).isEmpty();

        libvirt.resume(vm());
        TpmRegisters after = await().atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofSeconds(1))
                .until(
                        this::registers,
                        registers -> registers
                                .filter(now -> !now.sha256().get(7).equals("0".repeat(64)))
                                .isPresent())
                .orElseThrow();

        assertThat(after.sha256()).hasSize(TpmRegisters.COUNT);
        assertThat(after.resets()).isPositive();
        try (VtpmBlobs blobs = libvirt.vtpmBlobs(vm())) {
            assertThat(host.registerProbe().key(blobs, SECRET)).isEqualTo(made);
            assertThat(catchThrowable(() -> host.registerProbe().read(blobs, OTHER_SECRET)))
                    .isInstanceOf(TpmException.class);
        }
    }

    private Optional<TpmRegisters> registers() {
        try (VtpmBlobs blobs = libvirt.vtpmBlobs(vm())) {
            return host.registerProbe().read(blobs, SECRET);
        }
    }

    /** libvirt chooses places where none are on record; from then on, other disks come and go, and none moves. */
    @ParameterizedTest
    @EnumSource(OsType.class)
    void noDeviceMovesWhenDisksComeAndGo(OsType osType) {
        Machine machine = machine(osType);
        libvirt.prepareVariables(spec(vm(), 1));
        host.manufacture(vm(), SECRET);
        libvirt.createPaused(withDisks(osType, 1, List.of(), "a", "b"), SECRET);
        List<DevicePlace> first = libvirt.places(vm(), machine);
        assertThat(first).extracting(DevicePlace::device).contains("disk/os", "disk/a", "disk/b", "virtio-serial");

        libvirt.destroy(vm());
        libvirt.createPaused(withDisks(osType, 2, first, "b", "a"), SECRET);
        assertThat(libvirt.places(vm(), machine)).containsExactlyInAnyOrderElementsOf(first);

        libvirt.destroy(vm());
        libvirt.createPaused(withDisks(osType, 3, first, "b"), SECRET);
        List<DevicePlace> withoutA = libvirt.places(vm(), machine);
        assertThat(withoutA)
                .containsExactlyInAnyOrderElementsOf(first.stream()
                        .filter(place -> !place.device().equals("disk/a"))
                        .toList());

        libvirt.destroy(vm());
        libvirt.createPaused(withDisks(osType, 4, withoutA, "c", "b", "d"), SECRET);
        List<DevicePlace> more = libvirt.places(vm(), machine);
        assertThat(more).containsAll(withoutA);
        assertThat(more).extracting(DevicePlace::device).contains("disk/c", "disk/d");
    }

    /** A machine of Windows has six disks at its own controller; libvirt adds others on a bridge. */
    @Test
    void disksAtFurtherControllersStayToo() {
        String[] names = {"a", "b", "c", "d", "e", "f", "g", "h"};
        libvirt.prepareVariables(spec(vm(), 1));
        host.manufacture(vm(), SECRET);
        libvirt.createPaused(withDisks(OsType.Windows, 1, List.of(), names), SECRET);
        List<DevicePlace> first = libvirt.places(vm(), machine(OsType.Windows));
        assertThat(first).contains(new DevicePlace("disk/h", "sata:1.2"));

        libvirt.destroy(vm());
        libvirt.createPaused(withDisks(OsType.Windows, 2, first, "h", "g"), SECRET);
        assertThat(libvirt.places(vm(), machine(OsType.Windows)))
                .contains(new DevicePlace("disk/h", "sata:1.2"), new DevicePlace("disk/g", "sata:1.1"))
                .filteredOn(place -> !place.device().startsWith("disk/"))
                .containsExactlyInAnyOrderElementsOf(first.stream()
                        .filter(place -> !place.device().startsWith("disk/"))
                        .toList());
    }

    /** Its places on record are those of a machine without a screen, and back. */
    @Test
    void aScreenComesAndGoesAndNoOtherDeviceMoves() {
        libvirt.prepareVariables(spec(vm(), 1));
        host.manufacture(vm(), SECRET);
        libvirt.createPaused(withDisks(OsType.Linux, 1, List.of(), "a", "b"), SECRET);
        List<DevicePlace> first = libvirt.places(vm(), machine(OsType.Linux));
        assertThat(first).isNotEmpty();

        libvirt.destroy(vm());
        libvirt.createPaused(withScreen(withDisks(OsType.Linux, 2, first, "a", "b")), SECRET);
        List<DevicePlace> withScreen = libvirt.places(vm(), machine(OsType.Linux));
        assertThat(withScreen).containsAll(first);
        libvirt.openScreen(vm(), 2).close();

        libvirt.destroy(vm());
        libvirt.createPaused(withScreen(withDisks(OsType.Linux, 3, withScreen, "a", "b")), SECRET);
        assertThat(libvirt.places(vm(), machine(OsType.Linux))).containsExactlyInAnyOrderElementsOf(withScreen);

        libvirt.destroy(vm());
        libvirt.createPaused(withDisks(OsType.Linux, 4, withScreen, "a", "b"), SECRET);
        assertThat(libvirt.places(vm(), machine(OsType.Linux))).containsAll(first);
    }

    /** What the firmware shows while it finds nothing to boot, also in the file that TRUSTEDLAUNCH_SCREENSHOT names. */
    @ParameterizedTest
    @EnumSource(OsType.class)
    void theFirmwareIsOnTheScreenAndQemuTakesKeys(OsType osType) throws Exception {
        libvirt.prepareVariables(spec(vm(), 1));
        host.manufacture(vm(), SECRET);
        libvirt.createPaused(withScreen(withDisks(osType, 1, List.of())), SECRET);
        libvirt.resume(vm());

        AtomicReference<Picture> seen = new AtomicReference<>();
        await("a picture of the firmware, which is larger than that of a QEMU whose guest has shown nothing yet")
                .atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    // A connection keeps the size that the screen had when it began.
                    // A key would call the firmware's menu, which is smaller.
                    try (GuestConsole screen = libvirt.openScreen(vm(), 1)) {
                        seen.set(RfbClient.connect(new ConsoleInput(screen), new ConsoleOutput(screen))
                                .picture());
                    }
                    return seen.get().width() > 720
                            && IntStream.of(seen.get().pixels()).distinct().count() > 4;
                });
        try (GuestConsole screen = libvirt.openScreen(vm(), 1)) {
            RfbClient client = RfbClient.connect(new ConsoleInput(screen), new ConsoleOutput(screen));
            client.press(KeyCombination.parse("esc").keysyms());
            assertThat(client.picture().width()).as("QEMU serves on").isPositive();
        }
        String file = System.getenv("TRUSTEDLAUNCH_SCREENSHOT");
        if (file != null) {
            try (OutputStream out = Files.newOutputStream(Path.of(file + "-" + osType + ".png"))) {
                seen.get().writePng(out);
            }
        }
    }

    @Test
    void aQemuThatDoesNotAnswerGivesNoScreenAndHoldsNobody() throws Exception {
        libvirt.prepareVariables(spec(vm(), 1));
        host.manufacture(vm(), SECRET);
        libvirt.createPaused(withScreen(spec(vm(), 1)), SECRET);
        HostProcess qemu = new HostProcess(host.qemu(spec(vm(), 1)));
        qemu.suspend();

        for (int call = 0; call < 2; call++) {
            CompletableFuture<Throwable> refused =
                    OwnThread.supply(() -> catchThrowable(() -> libvirt.openScreen(vm(), 1)));
            assertThat(refused.get(30, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            HypervisorException.class,
                            e -> assertThat(e.failure()).isEqualTo(new HypervisorFailure.ScreenBusy(vm())));
        }

        qemu.resume();
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .untilAsserted(() -> libvirt.openScreen(vm(), 1).close());
    }

    private static DomainSpec withScreen(DomainSpec spec) {
        return DomainSpecBuilder.builder(spec).screen(ScreenModel.VGA).build();
    }

    private static final class ConsoleInput extends InputStream {
        private final GuestConsole console;

        ConsoleInput(GuestConsole console) {
            this.console = console;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            byte[] some = new byte[length];
            try {
                int count = console.read(some);
                System.arraycopy(some, 0, bytes, offset, Math.max(0, count));
                return count == GuestConsole.ENDED ? -1 : count;
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    private static final class ConsoleOutput extends OutputStream {
        private final GuestConsole console;

        ConsoleOutput(GuestConsole console) {
            this.console = console;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                if (!console.write(Arrays.copyOfRange(bytes, offset, offset + length), length)) {
                    throw new IOException("the screen was closed");
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    private static Machine machine(OsType osType) {
        return VMIncarnationSpecMachineBuilder.builder()
                .osType(osType)
                .dataDisks(Stream.of("a", "b", "c", "d", "e", "f", "g", "h")
                        .map(name -> new VMIncarnationSpec.Disk(name, new Quantity("1Mi")))
                        .toList())
                .build();
    }

    private DomainSpec withDisks(OsType osType, long epoch, List<DevicePlace> places, String... names) {
        return Specs.withOs(osType, spec(vm(), epoch))
                .dataDisks(Stream.of(names).map(this::disk).toList())
                .places(places)
                .build();
    }

    private Disk disk(String name) {
        Path file = host.folder().resolve(name + ".qcow2");
        host.makeQcow2(file, 1 << 20);
        return new Disk(name, file, DiskFormat.QCOW2);
    }

    @Test
    void preparedVariablesAreUsedAndNotReplaced() throws IOException {
        libvirt.prepareVariables(spec(vm(), 1));
        host.manufacture(vm(), SECRET);
        byte[] prepared = Files.readAllBytes(libvirt.workingCopy(vm()).variables());

        libvirt.createPaused(spec(vm(), 1), SECRET);

        assertThat(libvirt.workingCopy(vm()).variables()).hasBinaryContent(prepared);
    }

    @Test
    void aDomainWhoseQemuIsKilledDidNotShutDown() throws IOException {
        libvirt.prepareVariables(spec(vm(), 1));
        host.manufacture(vm(), SECRET);
        libvirt.createPaused(spec(vm(), 1), SECRET);
        libvirt.resume(vm());

        assertThat(host.qemu(spec(vm(), 1)).destroy()).isTrue();

        await().atMost(Duration.ofSeconds(60)).until(() -> libvirt.find(vm()).isEmpty());
        await().atMost(Duration.ofSeconds(5)).until(() -> libvirt.lastStop(vm()) == StopReason.CRASHED);
    }

    @Test
    void aQemuThatDoesNotAnswerIsNotWaitedForAndIsPoweredOff() throws Exception {
        libvirt.prepareVariables(spec(vm(), 1));
        host.manufacture(vm(), SECRET);
        libvirt.createPaused(spec(vm(), 1), SECRET);
        libvirt.resume(vm());
        new HostProcess(host.qemu(spec(vm(), 1))).suspend();

        OwnThread.run(() -> libvirt.requestShutdown(vm())).get(30, TimeUnit.SECONDS);
        libvirt.destroy(vm());

        assertThat(libvirt.find(vm())).isEmpty();
    }

    @Test
    void aQemuThatDoesNotAnswerIsLeftOutOfTheStatisticsThatItWouldHaveToAnswer() throws Exception {
        libvirt.prepareVariables(spec(vm(), 1));
        host.manufacture(vm(), SECRET);
        libvirt.createPaused(spec(vm(), 1), SECRET);
        HostProcess qemu = new HostProcess(host.qemu(spec(vm(), 1)));
        qemu.suspend();

        // The second call finds the first one open.
        for (int call = 0; call < 2; call++) {
            List<GuestStatistics> statistics =
                    OwnThread.supply(libvirt::statistics).get(30, TimeUnit.SECONDS);
            assertThat(statistics)
                    .filteredOn(guest -> guest.vm().equals(vm()))
                    .singleElement()
                    .satisfies(guest -> assertThat(guest.disks()).isEmpty());
        }

        qemu.resume();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> libvirt.statistics().stream()
                        .anyMatch(guest ->
                                guest.vm().equals(vm()) && !guest.disks().isEmpty()));
    }

    /** QEMU's emulation has AMD's virtualization, so the test guest runs where there is no KVM. */
    @Test
    void theTestGuestRunsAGuestOfItsOwnAndLeavesNothing() throws Exception {
        LibvirtSettings settings = LibvirtSettingsBuilder.builder(LibvirtSettings.system())
                .trials(host.folder().resolve("trials"))
                .build();
        LibvirtLibrary.load();
        OpenConnection connection = new OpenConnection(settings);
        try {
            assertThat(new TrialDomains(connection, settings.account(), settings.trials()).nests(Acceleration.EMULATED))
                    .contains(Result.RAN);
            assertThat(settings.trials()).isEmptyDirectory();
        } finally {
            connection.shut();
        }
    }

    @Test
    void thisHostIsEmulatedUnlessATrialProvedOtherwise() {
        assertThat(libvirt.host().networks()).contains("lab");
        assertThat(libvirt.host().acceleration()).isIn((Object[]) Acceleration.values());
    }
}
