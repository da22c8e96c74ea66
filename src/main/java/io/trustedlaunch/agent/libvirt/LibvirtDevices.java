package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainXml;
import io.trustedlaunch.agent.domain.Drive;
import io.trustedlaunch.agent.hypervisor.GuestDevices;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.libvirt.DomainDevices.LiveCard;
import io.trustedlaunch.agent.libvirt.DomainDevices.LiveDisk;
import io.trustedlaunch.agent.libvirt.DomainDevices.LiveDrive;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.vm.DiskBus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/**
 * Changes the devices of live domains; they are transient, and have no other form. Each change begins with what the domain has: a call
 * whose answer came too late may have made it. libvirt makes a device of the same XML as at a start.
 */
final class LibvirtDevices implements GuestDevices {
    private static final int LIVE = Domain.DeviceModifyFlags.LIVE;
    private static final String SATA = "sata";

    /** To add a card takes commands of QEMU and of the host's packet filter. */
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final DomainCalls domains;
    private final QemuCalls<Optional<Devices>> queries = new QemuCalls<>(Optional.empty(), LIMIT);
    private final QemuCalls<Boolean> changes = new QemuCalls<>(false, LIMIT);

    LibvirtDevices(DomainCalls domains) {
        this.domains = domains;
    }

    private interface Change {
        void make(OpenConnection connection, Domain domain, DomainDevices now) throws LibvirtException;
    }

    @Override
    public Devices of(UUID vm) {
        String action = "report the devices of VM " + vm;
        return queries.call(vm, () -> Optional.of(domains.required(vm, action, (connection, domain) -> read(domain))))
                .orElseThrow(() -> unanswered(vm, action));
    }

    private static Devices read(Domain domain) throws LibvirtException {
        DomainDevices now = DomainDevices.of(domain);
        List<Devices.Disk> disks = new ArrayList<>();
        for (LiveDisk disk : now.disks()) {
            disks.add(new Devices.Disk(
                    disk.file(), domain.blockInfo(disk.device()).getCapacity()));
        }
        return new Devices(
                disks,
                now.cards().stream().map(card -> new Devices.Card(card.mac())).toList(),
                now.drives().stream()
                        .filter(drive -> drive.disc().isPresent())
                        .collect(Collectors.toMap(
                                LiveDrive::serial, drive -> drive.disc().orElseThrow())));
    }

    @Override
    public void growDisk(UUID vm, Path disk, long bytes) {
        change(vm, "grow disk " + disk + " of VM " + vm, (connection, domain, now) -> {
            String device = now.disk(disk).map(LiveDisk::device).orElseThrow(() -> missing("disk " + disk));
            if (domain.blockInfo(device).getCapacity() < bytes) {
                domain.blockResize(device, bytes, Domain.BlockResizeFlags.BYTES);
            }
        });
    }

    @Override
    public void updateCard(DomainSpec spec, String card) {
        Nic nic = nic(spec, card);
        change(spec.vm(), "change network card " + card + " of VM " + spec.vm(), (connection, domain, now) -> {
            LiveCard there = now.card(nic).orElseThrow(() -> missing("network card " + nic.mac()));
            if (!there.isAs(nic)) {
                new CardRequirements(connection).require(List.of(nic));
                domain.updateDeviceFlags(DomainXml.card(now.withFreePlaces(spec), card), LIVE);
            }
        });
    }

    @Override
    public void attachCard(DomainSpec spec, String card) {
        Nic nic = nic(spec, card);
        change(spec.vm(), "add network card " + card + " to VM " + spec.vm(), (connection, domain, now) -> {
            if (now.card(nic).isEmpty()) {
                new CardRequirements(connection).require(List.of(nic));
                requirePort(spec.vm(), now);
                domain.attachDeviceFlags(DomainXml.card(now.withFreePlaces(spec), card), LIVE);
            }
        });
    }

    @Override
    public void detachCard(UUID vm, String mac) {
        change(vm, "remove network card " + mac + " from VM " + vm, (connection, domain, now) -> {
            Optional<LiveCard> there = now.cardWith(mac);
            if (there.isPresent()) {
                connection.requestDetach(vm, there.get().alias());
            }
        });
    }

    @Override
    public void attachDisk(DomainSpec spec, String disk) {
        Path file = spec.dataDisks().stream()
                .filter(data -> data.name().equals(disk))
                .map(Disk::path)
                .findFirst()
                .orElseThrow();
        change(spec.vm(), "add disk " + file + " to VM " + spec.vm(), (connection, domain, now) -> {
            if (now.disk(file).isPresent()) {
                return;
            }
            if (spec.buses().data() == DiskBus.SATA) {
                throw new HypervisorException(new HypervisorFailure.NotWhileRunning(spec.vm(), file));
            }
            requirePort(spec.vm(), now);
            domain.attachDeviceFlags(DomainXml.disk(now.withFreePlaces(spec), disk, now.diskDevices()), LIVE);
        });
    }

    @Override
    public void detachDisk(UUID vm, Path disk) {
        change(vm, "remove disk " + disk + " from VM " + vm, (connection, domain, now) -> {
            Optional<LiveDisk> there = now.disk(disk);
            if (there.filter(live -> live.bus().equals(SATA)).isPresent()) {
                throw new HypervisorException(new HypervisorFailure.NotWhileRunning(vm, disk));
            }
            if (there.isPresent()) {
                connection.requestDetach(vm, there.get().alias());
            }
        });
    }

    @Override
    public void changeDisc(DomainSpec spec, String name) {
        Drive wanted = spec.drives().stream()
                .filter(drive -> drive.name().equals(name))
                .findFirst()
                .orElseThrow();
        change(spec.vm(), "change the disc of drive " + name + " of VM " + spec.vm(), (connection, domain, now) -> {
            LiveDrive there = now.drives().stream()
                    .filter(drive -> drive.serial().equals(wanted.serial()))
                    .findFirst()
                    .orElseThrow(() -> missing("drive " + name));
            if (!there.disc().equals(wanted.disc())) {
                domain.updateDeviceFlags(DomainXml.drive(now.withFreePlaces(spec), name, there.device()), LIVE);
            }
        });
    }

    private static void requirePort(UUID vm, DomainDevices now) {
        if (!now.hasFreePort()) {
            throw new HypervisorException(new HypervisorFailure.NoFreePort(vm));
        }
    }

    private static Nic nic(DomainSpec spec, String card) {
        return spec.nics().stream()
                .filter(nic -> nic.name().equals(card))
                .findFirst()
                .orElseThrow();
    }

    private void change(UUID vm, String action, Change change) {
        boolean isMade = changes.call(
                vm,
                () -> domains.required(vm, action, (connection, domain) -> {
                    change.make(connection, domain, DomainDevices.of(domain));
                    return true;
                }));
        if (!isMade) {
            throw unanswered(vm, action);
        }
    }

    private static HypervisorException missing(String device) {
        return new HypervisorException(new HypervisorFailure.OperationFailed("the domain has no " + device));
    }

    private static HypervisorException unanswered(UUID vm, String action) {
        return new HypervisorException(new HypervisorFailure.OperationFailed(
                "QEMU of VM " + vm + " does not answer, and may not " + action + "; it is asked again"));
    }
}
