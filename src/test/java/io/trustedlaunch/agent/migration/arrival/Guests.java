package io.trustedlaunch.agent.migration.arrival;

import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DiskFormat;
import io.trustedlaunch.agent.domain.DomainIdentity;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.domain.Specs;
import io.trustedlaunch.agent.hypervisor.FirmwareFiles;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Guests that were recorded on their way. */
public final class Guests {
    public static final UUID SHARED = UUID.fromString("2d588683-bcd9-48ef-9ba3-6ebec805f288");
    public static final UUID COPIED = UUID.fromString("f968f4e3-49ad-4d71-a60d-e436bc86a963");

    private Guests() {}

    /** The guest with everything that a domain can have, as its fourth incarnation. */
    public static ArrivalExpectation full(OsType osType) {
        DomainSpec spec = Specs.full(osType, Acceleration.EMULATED);
        DomainIdentity identity = spec.identity();
        return expected(
                DomainSpecBuilder.builder(spec)
                        .identity(new DomainIdentity(
                                identity.vm(), identity.epoch() + 1, identity.namespace(), identity.name()))
                        .build(),
                "192.0.2.2",
                false);
    }

    /** The same, with drives for discs. */
    public static ArrivalExpectation withDrives(OsType osType) {
        ArrivalExpectation guest = full(osType);
        return ArrivalExpectationBuilder.builder(guest)
                .spec(DomainSpecBuilder.builder(guest.spec())
                        .drives(Specs.withDrives(osType).drives())
                        .build())
                .build();
    }

    /** The same, but for the link of its first card. */
    public static ArrivalExpectation disconnected(OsType osType) {
        ArrivalExpectation guest = full(osType);
        return ArrivalExpectationBuilder.builder(guest)
                .spec(DomainSpecBuilder.builder(guest.spec())
                        .nics(Specs.disconnected(osType).nics())
                        .build())
                .build();
    }

    /** The same without filters, as it was when libvirt 11 was recorded. */
    public static ArrivalExpectation unfiltered(OsType osType) {
        ArrivalExpectation guest = full(osType);
        return ArrivalExpectationBuilder.builder(guest)
                .spec(DomainSpecBuilder.builder(guest.spec())
                        .nics(guest.spec().nics().stream()
                                .map(nic -> new Nic(nic.name(), nic.network(), nic.mac(), "None"))
                                .toList())
                        .build())
                .build();
    }

    /** A guest whose folder both hosts have. */
    public static ArrivalExpectation shared() {
        Path folder = Path.of("/var/lib/trusted-launch-shared/" + SHARED);
        return expected(
                lab(new DomainIdentity(SHARED, 2, "live-ad8053a2", "payroll"), folder, "66:26:3c:d5:92:d9", List.of()),
                "10.213.1.12",
                false);
    }

    /** A guest whose disks are copied. */
    public static ArrivalExpectation copied() {
        Path folder = Path.of("/var/lib/trusted-launch/vms/" + COPIED);
        Disk data = new Disk("data", folder.resolve("data-data.qcow2"), DiskFormat.QCOW2);
        return expected(
                lab(
                        new DomainIdentity(COPIED, 2, "local-d5a61108", "ledger"),
                        folder,
                        "e6:3d:cf:2c:98:80",
                        List.of(data)),
                "10.213.1.12",
                true);
    }

    private static DomainSpec lab(DomainIdentity identity, Path folder, String mac, List<Disk> dataDisks) {
        return DomainSpecBuilder.builder()
                .identity(identity)
                .osType(OsType.Linux)
                .cores(1)
                .memoryBytes(512L << 20)
                .osDisk(new Disk("os", folder.resolve("os.qcow2"), DiskFormat.QCOW2))
                .dataDisks(dataDisks)
                .nics(List.of(new Nic("nic0", "lab", mac, "None")))
                .seed(Optional.of(Path.of("/run/trusted-launch/vms/" + identity.vm() + "/seed.iso")))
                .consoleLog(folder.resolve("console.log"))
                .acceleration(Acceleration.KVM)
                .secureBoot(true)
                .build();
    }

    private static ArrivalExpectation expected(DomainSpec spec, String address, boolean copiesDisks) {
        return ArrivalExpectationBuilder.builder()
                .spec(spec)
                .variables(Path.of("/var/lib/libvirt/qemu/nvram/" + spec.vm() + "_VARS.fd"))
                .emulator(Path.of("/usr/bin/qemu-system-x86_64"))
                .firmware(List.of(
                        new FirmwareFiles(
                                Path.of("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd"),
                                Path.of("/usr/share/OVMF/OVMF_VARS_4M.enrolled.fd")),
                        new FirmwareFiles(
                                Path.of("/usr/share/OVMF/OVMF_CODE_4M.ms.fd"),
                                Path.of("/usr/share/OVMF/OVMF_VARS_4M.ms.fd"))))
                .copiesDisks(copiesDisks)
                .address(address)
                .build();
    }
}
