package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.disks.FakeDiskTool;
import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.domain.Drive;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.DiskBus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Devices of the domains of a {@link FakeHypervisor}. Its guests let go of a device at once, but those that hold theirs. */
public final class FakeDevices implements GuestDevices {
    private static final int QCOW2 = 0x514649FB;
    private static final int QCOW2_SIZE = 24;

    private final FakeHypervisor hypervisor;
    private final Map<UUID, FakePlaces> places = new HashMap<>();
    private final Set<UUID> holding = new HashSet<>();
    /** What a guest was asked to let go of, and has not. */
    private final Map<UUID, List<Runnable>> asked = new HashMap<>();

    FakeDevices(FakeHypervisor hypervisor) {
        this.hypervisor = hypervisor;
    }

    @Override
    public Devices of(UUID vm) {
        synchronized (hypervisor) {
            hypervisor.failIfAsked(Operation.QUERY);
            hypervisor.failIfAsked(Operation.DEVICES);
            DomainSpec spec = require(vm);
            return new Devices(
                    disks(spec)
                            .map(disk -> new Devices.Disk(disk.path(), bytes(disk.path())))
                            .toList(),
                    spec.nics().stream().map(nic -> new Devices.Card(nic.mac())).toList(),
                    spec.drives().stream()
                            .filter(drive -> drive.disc().isPresent())
                            .collect(Collectors.toMap(
                                    Drive::serial, drive -> drive.disc().orElseThrow())));
        }
    }

    @Override
    public void growDisk(UUID vm, Path disk, long bytes) {
        boolean isBackedUp = hypervisor.backups().job(vm).isPresent();
        synchronized (hypervisor) {
            DomainSpec spec = begin(Operation.GROW_DISK, vm);
            if (disks(spec).map(Disk::path).noneMatch(disk::equals)) {
                throw failed("the domain has no disk " + disk);
            }
            if (isBackedUp) {
                throw failed("disk " + disk + " is being backed up");
            }
            if (bytes(disk) < bytes) {
                resize(disk, bytes);
                if (disk.equals(spec.osDisk().path())) {
                    hypervisor.opened(spec);
                }
            }
        }
    }

    @Override
    public void updateCard(DomainSpec wanted, String card) {
        synchronized (hypervisor) {
            DomainSpec spec = begin(Operation.UPDATE_CARD, wanted.vm());
            Nic nic = nic(wanted, card);
            if (!has(spec, nic.mac())) {
                throw failed("the domain has no network card " + nic.mac());
            }
            hypervisor.requireNetworks(List.of(nic));
            hypervisor.setSpec(DomainSpecBuilder.builder(spec)
                    .nics(spec.nics().stream()
                            .map(there -> there.mac().equals(nic.mac()) ? nic : there)
                            .toList())
                    .build());
        }
    }

    @Override
    public void attachCard(DomainSpec wanted, String card) {
        synchronized (hypervisor) {
            DomainSpec spec = begin(Operation.ATTACH_CARD, wanted.vm());
            Nic nic = nic(wanted, card);
            if (has(spec, nic.mac())) {
                return;
            }
            hypervisor.requireNetworks(List.of(nic));
            place(wanted, DevicePlace.nic(card));
            List<Nic> nics = new ArrayList<>(spec.nics());
            nics.add(nic);
            hypervisor.setSpec(DomainSpecBuilder.builder(spec).nics(nics).build());
        }
    }

    @Override
    public void detachCard(UUID vm, String mac) {
        synchronized (hypervisor) {
            DomainSpec spec = begin(Operation.DETACH_CARD, vm);
            if (has(spec, mac)) {
                ask(vm, () -> removeCard(vm, mac));
            }
        }
    }

    private void removeCard(UUID vm, String mac) {
        DomainSpec spec = require(vm);
        spec.nics().stream()
                .filter(nic -> nic.mac().equals(mac))
                .forEach(nic -> places(spec).detach(DevicePlace.nic(nic.name())));
        hypervisor.setSpec(DomainSpecBuilder.builder(spec)
                .nics(spec.nics().stream().filter(nic -> !nic.mac().equals(mac)).toList())
                .build());
    }

    @Override
    public void attachDisk(DomainSpec wanted, String name) {
        synchronized (hypervisor) {
            DomainSpec spec = begin(Operation.ATTACH_DISK, wanted.vm());
            Disk disk = wanted.dataDisks().stream()
                    .filter(data -> data.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            if (disks(spec).map(Disk::path).anyMatch(disk.path()::equals)) {
                return;
            }
            requireHotPlug(spec, disk.path());
            if (Files.notExists(disk.path())) {
                throw failed("Could not open " + disk.path() + ": No such file or directory");
            }
            place(wanted, DevicePlace.disk(name));
            List<Disk> disks = new ArrayList<>(spec.dataDisks());
            disks.add(disk);
            hypervisor.setSpec(DomainSpecBuilder.builder(spec).dataDisks(disks).build());
        }
    }

    @Override
    public void detachDisk(UUID vm, Path disk) {
        synchronized (hypervisor) {
            DomainSpec spec = begin(Operation.DETACH_DISK, vm);
            if (disks(spec).map(Disk::path).anyMatch(disk::equals)) {
                requireHotPlug(spec, disk);
                ask(vm, () -> removeDisk(vm, disk));
            }
        }
    }

    private void removeDisk(UUID vm, Path disk) {
        DomainSpec spec = require(vm);
        spec.dataDisks().stream()
                .filter(data -> data.path().equals(disk))
                .forEach(data -> places(spec).detach(DevicePlace.disk(data.name())));
        hypervisor.setSpec(DomainSpecBuilder.builder(spec)
                .dataDisks(spec.dataDisks().stream()
                        .filter(data -> !data.path().equals(disk))
                        .toList())
                .build());
    }

    private static void requireHotPlug(DomainSpec spec, Path disk) {
        if (spec.buses().data() == DiskBus.SATA) {
            throw new HypervisorException(new HypervisorFailure.NotWhileRunning(spec.vm(), disk));
        }
    }

    @Override
    public void changeDisc(DomainSpec wanted, String name) {
        synchronized (hypervisor) {
            DomainSpec spec = begin(Operation.CHANGE_DISC, wanted.vm());
            Drive drive = wanted.drives().stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            Drive there = spec.drives().stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> failed("the domain has no drive " + name));
            if (there.equals(drive)) {
                return;
            }
            if (there.disc().isPresent() && holding.contains(wanted.vm())) {
                throw failed("the tray of drive " + name + " is locked");
            }
            drive.disc().filter(Files::notExists).ifPresent(file -> {
                throw failed("Could not open " + file + ": No such file or directory");
            });
            hypervisor.setSpec(DomainSpecBuilder.builder(spec)
                    .drives(spec.drives().stream()
                            .map(one -> one.name().equals(name) ? drive : one)
                            .toList())
                    .build());
        }
    }

    private void place(DomainSpec wanted, String device) {
        if (!places(require(wanted.vm())).attach(wanted, device)) {
            throw new HypervisorException(new HypervisorFailure.NoFreePort(wanted.vm()));
        }
    }

    private void ask(UUID vm, Runnable letGo) {
        if (holding.contains(vm)) {
            asked.computeIfAbsent(vm, none -> new ArrayList<>()).add(letGo);
        } else {
            letGo.run();
        }
    }

    // Controls for tests.

    /** The guest does not let go of devices, as one that has mounted its disks, or whose system is not up. */
    public void holdDevices(UUID vm) {
        synchronized (hypervisor) {
            holding.add(vm);
        }
    }

    /** It lets go of those that it was asked for, and of others at once. */
    public void letGoOfDevices(UUID vm) {
        synchronized (hypervisor) {
            holding.remove(vm);
            Optional.ofNullable(asked.remove(vm)).ifPresent(all -> all.forEach(Runnable::run));
        }
    }

    /** Of a domain. */
    FakePlaces places(DomainSpec spec) {
        return places.computeIfAbsent(spec.vm(), vm -> FakePlaces.atStart(spec));
    }

    /** The VM's guest comes from another host with its machine. */
    void arrive(UUID vm, FakePlaces there) {
        places.put(vm, there.copy());
    }

    /** The domain has ended. */
    void forget(UUID vm) {
        places.remove(vm);
        holding.remove(vm);
        asked.remove(vm);
    }

    private DomainSpec begin(Operation operation, UUID vm) {
        hypervisor.begin(operation, vm);
        return require(vm);
    }

    private DomainSpec require(UUID vm) {
        hypervisor.find(vm);
        return hypervisor.spec(vm).orElseThrow(() -> new HypervisorException(new HypervisorFailure.DomainMissing(vm)));
    }

    private static Nic nic(DomainSpec spec, String card) {
        return spec.nics().stream()
                .filter(nic -> nic.name().equals(card))
                .findFirst()
                .orElseThrow();
    }

    private static boolean has(DomainSpec spec, String mac) {
        return spec.nics().stream().anyMatch(nic -> nic.mac().equals(mac));
    }

    private static Stream<Disk> disks(DomainSpec spec) {
        return Stream.concat(Stream.of(spec.osDisk()), spec.dataDisks().stream());
    }

    private static HypervisorException failed(String detail) {
        return new HypervisorException(new HypervisorFailure.OperationFailed(detail));
    }

    /** The virtual size of a qcow2; the length of any other file. */
    private static long bytes(Path disk) {
        try (FileChannel file = FileChannel.open(disk)) {
            ByteBuffer header = ByteBuffer.allocate(QCOW2_SIZE + Long.BYTES);
            file.read(header, 0);
            return header.getInt(0) == QCOW2 ? header.getLong(QCOW2_SIZE) : file.size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void resize(Path disk, long bytes) {
        try (FileChannel file = FileChannel.open(disk, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer magic = ByteBuffer.allocate(Integer.BYTES);
            file.read(magic, 0);
            if (magic.getInt(0) == QCOW2) {
                new FakeDiskTool().resize(disk, bytes);
            } else {
                file.write(ByteBuffer.wrap(new byte[1]), bytes - 1);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
