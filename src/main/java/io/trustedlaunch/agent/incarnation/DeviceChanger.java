package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.GuestProcessor;
import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.gueststate.GuestStateSealer.Listed;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.GuestDevices;
import io.trustedlaunch.agent.hypervisor.GuestDevices.Devices;
import io.trustedlaunch.agent.hypervisor.GuestDevices.Devices.Card;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.AppliedDevices;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Gives a guest that runs the devices of its incarnation's spec. It compares the machine with what the domain has, so that a change may be
 * repeated after any death. What cannot be done now waits, and does not keep the rest from being done.
 */
final class DeviceChanger {
    private final Hypervisor hypervisor;
    private final FolderAccess folders;
    private final IncarnationDisks disks;
    private final GuestStates states;
    private final SeedDisc seeds;
    private final ConsoleLogs consoleLogs;
    private final DiscChanger discs;
    private final Failpoints failpoints;
    /** What this process has given the guests: in restored data, a revision may have come back with other devices. */
    private final Map<UUID, Given> given = new ConcurrentHashMap<>();

    private record Given(long epoch, VMIncarnationSpec.Devices devices) {}

    private interface Change {
        void make();
    }

    DeviceChanger(
            Hypervisor hypervisor,
            FolderAccess folders,
            IncarnationDisks disks,
            GuestStates states,
            SeedDisc seeds,
            ConsoleLogs consoleLogs,
            DiscChanger discs,
            Failpoints failpoints) {
        this.hypervisor = hypervisor;
        this.folders = folders;
        this.disks = disks;
        this.states = states;
        this.seeds = seeds;
        this.consoleLogs = consoleLogs;
        this.discs = discs;
        this.failpoints = failpoints;
    }

    /** How far the guest has the devices of the spec, after what can be done now; empty: it has those of its start. */
    Optional<AppliedDevices> change(IncarnationFacts facts) {
        Optional<Problem> problem = discs.change(facts, () -> spec(facts));
        if (facts.spec().devices() == null) {
            given.remove(facts.vm());
            return problem.isPresent() || reported(facts).isPresent()
                    ? Optional.of(withProblem(null, problem))
                    : Optional.empty();
        }
        // A drive without its disc keeps nothing else from the guest, nor from its backups.
        return changeDisksAndCards(facts)
                .map(applied -> applied.reason() == null ? withProblem(applied.revision(), problem) : applied);
    }

    private static AppliedDevices withProblem(Long revision, Optional<Problem> problem) {
        return new AppliedDevices(
                revision,
                problem.map(Problem::reason).map(Reason::name).orElse(null),
                problem.map(Problem::message).orElse(null));
    }

    private Optional<AppliedDevices> changeDisksAndCards(IncarnationFacts facts) {
        VMIncarnationSpec.Devices wanted = facts.spec().devices();
        Given all = new Given(facts.epoch(), wanted);
        if (!facts.devicesAreDue() && all.equals(given.get(facts.vm())) && hasAll(facts)) {
            return reported(facts).map(applied -> withProblem(applied.revision(), Optional.empty()));
        }
        Optional<Problem> problem = apply(facts);
        failpoints.reached(Failpoint.AGENT_DEVICES_CHANGED);
        if (problem.isPresent()) {
            return Optional.of(new AppliedDevices(
                    reported(facts).map(AppliedDevices::revision).orElse(null),
                    problem.get().reason().name(),
                    problem.get().message()));
        }
        given.put(facts.vm(), all);
        return Optional.of(new AppliedDevices(wanted.revision(), null, null));
    }

    /**
     * A guest may let go late of what was to be removed once, and is wanted again by then. If QEMU does not answer, that is looked at
     * again with the next report.
     */
    private boolean hasAll(IncarnationFacts facts) {
        Machine machine = facts.spec().machineNow();
        try {
            Devices has = hypervisor.devices().of(facts.vm());
            return Pass.files(has)
                            .containsAll(machine.dataDisks().stream()
                                    .map(disk -> facts.homeFolder().dataDisk(disk.identity()))
                                    .toList())
                    && Pass.macs(has)
                            .containsAll(machine.nics().stream()
                                    .map(nic -> nic.mac().toLowerCase(Locale.ROOT))
                                    .toList());
        } catch (HypervisorException e) {
            return true;
        }
    }

    private DomainSpec spec(IncarnationFacts facts) {
        return DomainSpecs.of(
                facts.spec(),
                facts.vm(),
                seeds.find(facts.vm()),
                consoleLogs.of(facts.vm()),
                GuestProcessor.of(hypervisor.host().acceleration()));
    }

    private static Optional<AppliedDevices> reported(IncarnationFacts facts) {
        return facts.reported().map(VMIncarnationStatus::devices);
    }

    /** The first problem. */
    private Optional<Problem> apply(IncarnationFacts facts) {
        try {
            return new Pass(facts).apply();
        } catch (HypervisorException e) {
            return Optional.of(failed("the devices of the guest are not known", e));
        }
    }

    private static Problem failed(String what, RuntimeException e) {
        return new Problem(Reason.DeviceChangeFailed, what + ": " + Messages.bounded(e.getMessage()));
    }

    private final class Pass {
        private final IncarnationFacts facts;
        private final UUID vm;
        private final Machine machine;
        private final VmFolder folder;
        private final DomainSpec spec;
        private final GuestDevices devices = hypervisor.devices();
        /** Bytes of each disk by its file. */
        private final Map<Path, Long> wanted = new LinkedHashMap<>();

        private final Set<Path> removed;
        private final List<Problem> problems = new ArrayList<>();

        Pass(IncarnationFacts facts) {
            this.facts = facts;
            this.vm = facts.vm();
            this.machine = facts.spec().machineNow();
            this.folder = facts.homeFolder();
            wanted.put(folder.osDisk(), machine.osDiskBytes());
            machine.dataDisks().forEach(disk -> wanted.put(folder.dataDisk(disk.identity()), disk.bytes()));
            this.removed = machine.removedDisks().stream()
                    .map(disk -> folder.dataDisk(disk.identity()))
                    .collect(Collectors.toSet());
            this.spec = spec(facts);
        }

        Optional<Problem> apply() {
            Devices before = devices.of(vm);
            // Their ports and addresses may be wanted by others.
            detach(before);
            add(before);
            for (Nic nic : spec.nics()) {
                if (macs(before).contains(nic.mac())) {
                    attempt(
                            "network card " + nic.name() + " is not changed",
                            () -> devices.updateCard(spec, nic.name()));
                } else {
                    attempt("network card " + nic.name() + " is not added", () -> devices.attachCard(spec, nic.name()));
                }
            }
            grow();
            Devices after = devices.of(vm);
            held(after);
            list(files(after));
            return problems.stream().findFirst();
        }

        private void detach(Devices before) {
            macs(before).stream()
                    .filter(mac -> !wantedMacs().contains(mac))
                    .forEach(mac ->
                            attempt("network card " + mac + " is not removed", () -> devices.detachCard(vm, mac)));
            files(before).stream().filter(file -> !wanted.containsKey(file)).forEach(file -> {
                if (removed.contains(file)) {
                    attempt("disk " + file.getFileName() + " is not removed", () -> devices.detachDisk(vm, file));
                } else {
                    problems.add(new Problem(
                            Reason.DisksMismatch,
                            "the guest has disk " + file.getFileName()
                                    + ", and neither that disk nor its removal is on record: the API server's data may be"
                                    + " older. It stays until the guest is restarted"));
                }
            });
        }

        /** Before a disk is attached, its file is there, and the guest's state lists it: each later start has it, or its removal. */
        private void add(Devices before) {
            Set<Path> there = files(before);
            List<Disk> added = machine.dataDisks().stream()
                    .filter(disk -> !there.contains(folder.dataDisk(disk.identity())))
                    .toList();
            if (added.isEmpty()) {
                return;
            }
            List<Disk> made = new ArrayList<>();
            for (Disk disk : added) {
                attempt("data disk " + disk.identity() + " is not added", () -> {
                    make(disk);
                    made.add(disk);
                });
            }
            failpoints.reached(Failpoint.AGENT_DISK_ADDED);
            Set<Path> listed = new HashSet<>(there);
            made.forEach(disk -> listed.add(folder.dataDisk(disk.identity())));
            if (!list(listed)) {
                return;
            }
            failpoints.reached(Failpoint.AGENT_DISKS_LISTED);
            for (Disk disk : made) {
                attempt(
                        "data disk " + disk.identity() + " is not added",
                        () -> devices.attachDisk(spec, disk.identity().toString()));
            }
        }

        private void make(Disk disk) {
            Listed listed = states.listed(facts).orElseThrow(() -> waiting("its guest state is not known yet"));
            try (Permit permit =
                    folders.toAddDisk(facts).orElseThrow(() -> waiting("the VM's folder is being changed"))) {
                disks.add(permit, facts, disk, listed);
            }
        }

        private static RefusedException waiting(String why) {
            return new RefusedException(Reason.DeviceChangeFailed, why);
        }

        /** Returns whether the guest's newest state lists these, durably. */
        private boolean list(Set<Path> files) {
            List<DiskIdentity> identities = Stream.concat(machine.dataDisks().stream(), machine.removedDisks().stream())
                    .map(Disk::identity)
                    .filter(identity -> files.contains(folder.dataDisk(identity)))
                    .toList();
            boolean isListed = states.listed(facts)
                    .map(Listed::dataDisks)
                    .filter(listed -> Set.copyOf(listed).equals(Set.copyOf(identities)))
                    .isPresent();
            if (isListed || files.stream().anyMatch(file -> !isKnown(file))) {
                return isListed;
            }
            AtomicBoolean sealed = new AtomicBoolean();
            attempt("the guest state does not list its disks yet", () -> {
                if (!states.list(facts, new Listed(identities, revisionOf(identities)))) {
                    throw waiting("its firmware writes its variables");
                }
                sealed.set(true);
            });
            return sealed.get();
        }

        /** That of the spec, but before the first of those that the guest is still to be given: these stay new for a later start. */
        private long revisionOf(List<DiskIdentity> identities) {
            long before = states.listed(facts).map(Listed::devices).orElse(0L);
            return machine.dataDisks().stream()
                    .filter(disk -> disk.revision() != null && !identities.contains(disk.identity()))
                    .mapToLong(disk -> Math.max(before, disk.revision() - 1))
                    .min()
                    .orElse(facts.spec().devices().revision());
        }

        private boolean isKnown(Path file) {
            return file.equals(folder.osDisk()) || wanted.containsKey(file) || removed.contains(file);
        }

        private void held(Devices after) {
            Stream.concat(
                            macs(after).stream()
                                    .filter(mac -> !wantedMacs().contains(mac))
                                    .map(mac -> "network card " + mac),
                            files(after).stream().filter(removed::contains).map(file -> "disk " + file.getFileName()))
                    .findFirst()
                    .ifPresent(device -> problems.add(
                            new Problem(Reason.DeviceHeld, "the guest has not let go of " + device + " yet")));
        }

        private void grow() {
            wanted.forEach((file, bytes) ->
                    attempt("disk " + file.getFileName() + " does not grow", () -> devices.growDisk(vm, file, bytes)));
        }

        private void attempt(String otherwise, Change change) {
            try {
                change.make();
            } catch (HypervisorException | RefusedException | UncheckedIOException e) {
                problems.add(failed(otherwise, e));
            }
        }

        private Set<String> wantedMacs() {
            return spec.nics().stream().map(Nic::mac).collect(Collectors.toSet());
        }

        private static Set<Path> files(Devices devices) {
            return devices.disks().stream().map(Devices.Disk::file).collect(Collectors.toSet());
        }

        private static Set<String> macs(Devices devices) {
            return devices.cards().stream().map(Card::mac).collect(Collectors.toSet());
        }
    }
}
