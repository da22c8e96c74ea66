package io.trustedlaunch.agent.domain;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.vm.LinkState;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Specs for tests. */
public final class Specs {
    public static final UUID VM = UUID.fromString("7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b");

    private Specs() {}

    public static DomainSpec small(UUID vm, long epoch, Path folder) {
        return DomainSpecBuilder.builder()
                .identity(new DomainIdentity(vm, epoch, "finance", "payroll"))
                .osType(OsType.Linux)
                .cores(1)
                .memoryBytes(512L << 20)
                .osDisk(new Disk("os", folder.resolve("os.qcow2"), DiskFormat.QCOW2))
                .dataDisks(List.of())
                .nics(List.of())
                .consoleLog(folder.resolve("console.log"))
                .acceleration(Acceleration.EMULATED)
                .secureBoot(true)
                .build();
    }

    /** With the devices that machines of that osType have. */
    public static DomainSpecBuilder withOs(OsType osType, DomainSpec spec) {
        return DomainSpecBuilder.builder(spec)
                .osType(osType)
                .screen(null)
                .buses(null)
                .networkModel(null);
    }

    /** The disks and cards of {@link #full}, as a VMIncarnation names them. */
    public static Machine machine(OsType osType) {
        DomainSpec spec = full(osType, Acceleration.EMULATED);
        return VMIncarnationSpecMachineBuilder.builder()
                .osType(osType)
                .dataDisks(spec.dataDisks().stream()
                        .map(disk -> new VMIncarnationSpec.Disk(disk.name(), new Quantity("1Gi")))
                        .toList())
                .nics(spec.nics())
                .build();
    }

    /** The same as {@link #full}, but for the link of the first card. */
    public static DomainSpec disconnected(OsType osType) {
        DomainSpec full = full(osType, Acceleration.EMULATED);
        Nic first = full.nics().getFirst();
        return DomainSpecBuilder.builder(full)
                .nics(List.of(
                        new Nic(first.name(), first.network(), first.mac(), first.trafficFilter(), LinkState.Down),
                        full.nics().getLast()))
                .build();
    }

    /** The same as {@link #full}, with a disc in its first drive. */
    public static DomainSpec withDrives(OsType osType) {
        return DomainSpecBuilder.builder(full(osType, Acceleration.EMULATED))
                .drives(List.of(
                        new Drive(
                                "tools",
                                Optional.of(Path.of("/var/lib/trusted-launch/vms/.images"
                                        + "/0d1b5a57-8f1c-4d0e-b3f5-6a1f0f6f2c11"))),
                        new Drive("more", Optional.empty())))
                .build();
    }

    /** A spec with everything that a domain can have, but drives. */
    public static DomainSpec full(OsType osType, Acceleration acceleration) {
        Path folder = Path.of("/var/lib/trusted-launch/vms/" + VM);
        return DomainSpecBuilder.builder()
                .identity(new DomainIdentity(VM, 3, "finance", "payroll"))
                .osType(osType)
                .cores(4)
                .memoryBytes(8L << 30)
                .osDisk(new Disk("os", folder.resolve("os.qcow2"), DiskFormat.QCOW2))
                .dataDisks(List.of(
                        new Disk("data", folder.resolve("data-data.raw"), DiskFormat.RAW),
                        new Disk("a-name-longer-than-a-serial", folder.resolve("data-long.raw"), DiskFormat.RAW)))
                .nics(List.of(
                        new Nic("nic0", "vlan-42", "52:54:00:12:34:56", "clean-traffic"),
                        new Nic("nic1", "default", "52:54:00:12:34:57", "None")))
                .seed(Optional.of(folder.resolve("seed.iso")))
                .consoleLog(folder.resolve("console.log"))
                .acceleration(acceleration)
                .secureBoot(true)
                .build();
    }
}
