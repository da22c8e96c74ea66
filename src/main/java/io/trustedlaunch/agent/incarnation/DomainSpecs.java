package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DiskFormat;
import io.trustedlaunch.agent.domain.DomainIdentity;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.domain.Drive;
import io.trustedlaunch.agent.domain.GuestProcessor;
import io.trustedlaunch.agent.domain.NbdBacking;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.imagecopy.DiscCopies;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.DevicePlaces;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds the domain of an incarnation. */
final class DomainSpecs {
    private static final Logger LOG = LoggerFactory.getLogger(DomainSpecs.class);

    private DomainSpecs() {}

    static DomainSpec of(
            VMIncarnationSpec spec, UUID vm, Optional<Path> seed, Path consoleLog, GuestProcessor processor) {
        Machine machine = spec.machineNow();
        VmFolder folder = new VmFolder(Path.of(machine.location().path()), vm);
        return DomainSpecBuilder.builder()
                .identity(new DomainIdentity(
                        vm, spec.epoch(), spec.vmRef().namespace(), spec.vmRef().name()))
                .osType(machine.osType())
                .cores(machine.cores())
                .memoryBytes(machine.memoryBytes())
                .osDisk(new Disk(Disk.OS, folder.osDisk(), DiskFormat.QCOW2))
                .dataDisks(machine.dataDisks().stream()
                        .map(disk -> new Disk(
                                disk.identity().toString(), folder.dataDisk(disk.identity()), DiskFormat.QCOW2))
                        .toList())
                .nics(machine.nics().stream()
                        .map(nic -> new Nic(
                                nic.name(),
                                nic.network(),
                                nic.mac().toLowerCase(Locale.ROOT),
                                nic.trafficFilter(),
                                nic.linkState()))
                        .toList())
                .screen(machine.screen())
                .buses(machine.diskBuses())
                .networkModel(machine.networkModel())
                .seed(seed)
                .drives(machine.discs().stream()
                        .map(drive -> new Drive(drive.name(), drive.disc().map(disc -> DiscCopies.file(machine, disc))))
                        .toList())
                .consoleLog(consoleLog)
                .acceleration(processor.acceleration())
                .withoutFeatures(processor.without())
                .enlightenedVmcs(machine.enlightenedVmcs())
                .secureBoot(true)
                .places(places(vm, machine))
                .build();
    }

    /** Another node may have reported them: a guest that starts with other ones is better than one that never starts again. */
    private static List<DevicePlace> places(UUID vm, Machine machine) {
        if (DevicePlaces.fit(machine.diskBuses(), machine.places())) {
            return machine.places();
        }
        LOG.warn(
                "VM {}: no machine can have its devices at the places that spec.machine.places of its VMIncarnation names;"
                        + " libvirt chooses others, and the guest may find its disks and cards elsewhere",
                vm);
        return List.of();
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
