package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DiskFormat;
import io.trustedlaunch.agent.domain.DomainIdentity;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.domain.NbdBacking;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/** Builds the domain of an incarnation. */
final class DomainSpecs {
    private DomainSpecs() {}

    static DomainSpec of(
            VMIncarnationSpec spec, UUID vm, Optional<Path> seed, Path consoleLog, Acceleration acceleration) {
        Machine machine = spec.machine();
        VmFolder folder = new VmFolder(Path.of(machine.location().path()), vm);
        return DomainSpecBuilder.builder()
                .identity(new DomainIdentity(
                        vm, spec.epoch(), spec.vmRef().namespace(), spec.vmRef().name()))
                .osType(machine.osType())
                .cores(machine.cores())
                .memoryBytes(machine.memoryBytes())
                .osDisk(new Disk("os", folder.osDisk(), DiskFormat.QCOW2))
                .dataDisks(machine.dataDisks().stream()
                        .map(disk -> new Disk(
                                disk.identity().toString(), folder.dataDisk(disk.identity()), DiskFormat.QCOW2))
                        .toList())
                .nics(machine.nics().stream()
                        .map(nic -> new Nic(
                                nic.name(), nic.network(), nic.mac().toLowerCase(Locale.ROOT), nic.trafficFilter()))
                        .toList())
                .seed(seed)
                .consoleLog(consoleLog)
                .acceleration(acceleration)
                .secureBoot(true)
                .build();
    }

    /** All of its disks are filled: their headers name what they were made of, or do so again. */
    static DomainSpec filledFrom(DomainSpec spec, UUID fill, Path socket) {
        return DomainSpecBuilder.builder(spec)
                .osDisk(spec.osDisk().filledFrom(export(socket, FillBacking.ofOsDisk(fill))))
                .dataDisks(spec.dataDisks().stream()
                        .map(disk -> disk.filledFrom(
                                export(socket, FillBacking.ofDataDisk(fill, DiskIdentity.of(disk.name())))))
                        .toList())
                .build();
    }

    private static NbdBacking export(Path socket, FillBacking backing) {
        return new NbdBacking(socket, backing.disk());
    }
}
