package io.trustedlaunch.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.HostFacts;
import io.trustedlaunch.agent.hypervisor.HostFactsBuilder;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.vm.DiskBus;
import io.trustedlaunch.api.vm.DiskBuses;
import io.trustedlaunch.api.vm.NetworkModel;
import io.trustedlaunch.api.vm.ScreenModel;
import io.trustedlaunch.api.vm.VirtualizationBasedSecurity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The complete domain XML of each profile, for review. To update after an intended change: {@code -Dgolden.update=true}. */
class DomainXmlGoldenTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden", "domain");

    @ParameterizedTest
    @CsvSource({
        "Linux, EMULATED",
        "Linux, KVM",
        "Linux, KVM_NESTED_AMD",
        "Windows, EMULATED",
        "Windows, KVM",
        "Windows, KVM_NESTED_INTEL"
    })
    void theProfileMatchesItsGoldenFile(OsType osType, Acceleration acceleration) throws IOException {
        assertGolden(Specs.full(osType, acceleration), osType + "-" + acceleration);
    }

    /** On a host that can do more, a guest has what it is to have. */
    @ParameterizedTest
    @CsvSource({
        "Linux, KVM_NESTED_AMD, None, Linux-KVM",
        "Linux, KVM_NESTED_AMD, Offered, Linux-KVM_NESTED_AMD",
        "Linux, KVM_NESTED_AMD, Required, Linux-KVM_NESTED_AMD",
        "Windows, KVM_NESTED_INTEL, None, Windows-KVM",
        "Windows, KVM_NESTED_INTEL, Offered, Windows-KVM_NESTED_INTEL",
        "Windows, KVM_NESTED_INTEL, Required, Windows-KVM_NESTED_INTEL",
    })
    void nestingAndIommuAreForThoseWhoWantThem(
            OsType osType, Acceleration host, VirtualizationBasedSecurity wanted, String profile) throws IOException {
        assertGolden(Specs.full(osType, HOSTS.get(host).processor(wanted).acceleration()), profile);
    }

    private static final Map<Acceleration, HostFacts> HOSTS = Stream.of(
                    Acceleration.KVM_NESTED_AMD, Acceleration.KVM_NESTED_INTEL)
            .collect(Collectors.toMap(
                    Function.identity(),
                    nested -> HostFactsBuilder.builder()
                            .kvm(true)
                            .nested(Optional.of(nested))
                            .firmware(List.of())
                            .shadowStacks(List.of("shstk"))
                            .build()));

    /** With a processor that has shadow stacks, on nodes that all have evmcs. */
    @ParameterizedTest
    @CsvSource({
        "Linux, KVM_NESTED_INTEL",
        "Linux, KVM_NESTED_AMD",
        "Windows, KVM_NESTED_INTEL",
        "Windows, KVM_NESTED_AMD"
    })
    void aGuestForVirtualizationBasedSecurityHasWhatItNeedsOnANewHost(OsType osType, Acceleration host)
            throws IOException {
        GuestProcessor processor = HOSTS.get(host).processor(VirtualizationBasedSecurity.Required);
        assertGolden(
                DomainSpecBuilder.builder(Specs.full(osType, processor.acceleration()))
                        .withoutFeatures(processor.without())
                        .enlightenedVmcs(true)
                        .build(),
                osType + "-vbs-" + host.nested());
    }

    @ParameterizedTest
    @EnumSource(OsType.class)
    void aDiskThatIsFilledReadsFromItsBackupAndFromNowhereElse(OsType osType) throws IOException {
        DomainSpec whole = Specs.full(osType, Acceleration.EMULATED);
        NbdBacking backing = new NbdBacking(
                Path.of("/run/trusted-launch/fill/0b9d8c1e-5b7f-4c39-9a55-1f2e3d4c5b6a/nbd.sock"), "root");
        DomainSpec filled = DomainSpecBuilder.builder(whole)
                .osDisk(whole.osDisk().filledFrom(backing))
                .build();

        assertGolden(filled, osType + "-filled");
    }

    @ParameterizedTest
    @CsvSource({"Linux, linux-9", "Windows, windows-9"})
    void eachDeviceIsAtItsPlaceOnRecord(OsType osType, String live) throws IOException {
        assertGolden(Places.asIn(live, Specs.full(osType, Acceleration.EMULATED)), osType + "-placed");
    }

    @ParameterizedTest
    @EnumSource(OsType.class)
    void aCardWhoseLinkIsDownIsThereAndSaysSo(OsType osType) throws IOException {
        assertGolden(Specs.disconnected(osType), osType + "-link-down");
    }

    @ParameterizedTest
    @CsvSource({"Linux, VGA", "Windows, None"})
    void aMachineHasTheScreenThatItsUserWants(OsType osType, ScreenModel screen) throws IOException {
        assertGolden(
                DomainSpecBuilder.builder(Specs.full(osType, Acceleration.EMULATED))
                        .screen(screen)
                        .build(),
                osType + "-screen-" + screen);
    }

    /** With drivers for virtio; OS disk last, since a guest that lacks one boots no more. */
    @ParameterizedTest
    @CsvSource({"Windows, VirtIO, , VirtIO", "Windows, VirtIO, SATA, E1000e", "Linux, SATA, , E1000e"})
    void aMachineHasTheBusesThatItsUserWants(OsType osType, DiskBus all, DiskBus os, NetworkModel cards)
            throws IOException {
        assertGolden(
                DomainSpecBuilder.builder(Specs.full(osType, Acceleration.EMULATED))
                        .buses(DiskBuses.of(osType, all, os))
                        .networkModel(cards)
                        .build(),
                osType + "-disks-" + all + (os == null ? "" : "-os-" + os) + "-cards-" + cards);
    }

    /** Behind the OS disk in the order of booting; one drive is empty. */
    @ParameterizedTest
    @EnumSource(OsType.class)
    void aDriveIsOnSataAndReadOnly(OsType osType) throws IOException {
        assertGolden(Specs.withDrives(osType), osType + "-drives");
    }

    private static void assertGolden(DomainSpec spec, String name) throws IOException {
        String rendered = DomainXml.render(spec, Path.of("/var/lib/libvirt/qemu/nvram/" + Specs.VM + "_VARS.fd"));
        Path file = GOLDEN.resolve(name.toLowerCase(Locale.ROOT) + ".xml");

        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(GOLDEN);
            Files.writeString(file, rendered);
        }
        assertThat(rendered).isEqualTo(Files.readString(file));
    }
}
