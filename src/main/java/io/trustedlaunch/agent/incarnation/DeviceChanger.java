package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.hypervisor.GuestDevices;
import io.trustedlaunch.agent.hypervisor.GuestDevices.Devices;
import io.trustedlaunch.agent.hypervisor.GuestDevices.Devices.Card;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.AppliedDevices;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Gives a guest that runs the devices of its incarnation's spec. It compares the machine with what the domain has, so that a change may be
 * repeated after any death. What cannot be done now waits, and does not keep the rest from being done.
 */
final class DeviceChanger {
    private final Hypervisor hypervisor;
    private final SeedDisc seeds;
    private final ConsoleLogs consoleLogs;
    private final Failpoints failpoints;
    /** What this process has given the guests: in restored data, a revision may have come back with other devices. */
    private final Map<UUID, Given> given = new ConcurrentHashMap<>();

    private record Given(long epoch, VMIncarnationSpec.Devices devices) {}

    private interface Change {
        void make();
    }

    DeviceChanger(Hypervisor hypervisor, SeedDisc seeds, ConsoleLogs consoleLogs, Failpoints failpoints) {
        this.hypervisor = hypervisor;
        this.seeds = seeds;
        this.consoleLogs = consoleLogs;
        this.failpoints = failpoints;
    }

    /** How far the guest has the devices of the spec, after what can be done now; empty: it has those of its start. */
    Optional<AppliedDevices> change(IncarnationFacts facts) {
        VMIncarnationSpec.Devices wanted = facts.spec().devices();
        if (wanted == null) {
            given.remove(facts.vm());
            return Optional.empty();
        }
        Given all = new Given(facts.epoch(), wanted);
        if (!facts.devicesAreDue() && all.equals(given.get(facts.vm()))) {
            return reported(facts);
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

    private static Problem failed(String what, HypervisorException e) {
        return new Problem(Reason.DeviceChangeFailed, what + ": " + Messages.bounded(e.getMessage()));
    }

    private final class Pass {
        private final UUID vm;
        private final Machine machine;
        private final VmFolder folder;
        private final DomainSpec spec;
        private final GuestDevices devices = hypervisor.devices();
        private final List<Problem> problems = new ArrayList<>();

        Pass(IncarnationFacts facts) {
            this.vm = facts.vm();
            this.machine = facts.spec().machineNow();
            this.folder = facts.homeFolder();
            this.spec = withFreePlaces(DomainSpecs.of(
                    facts.spec(),
                    vm,
                    seeds.find(vm),
                    consoleLogs.of(vm),
                    hypervisor.host().acceleration()));
        }

        /** A place on record may be another device's by now. */
        private DomainSpec withFreePlaces(DomainSpec whole) {
            Map<String, String> taken = hypervisor.places(vm, machine).stream()
                    .collect(Collectors.toMap(DevicePlace::address, DevicePlace::device, (one, other) -> one));
            return DomainSpecBuilder.builder(whole)
                    .places(whole.places().stream()
                            .filter(place -> taken.getOrDefault(place.address(), place.device())
                                    .equals(place.device()))
                            .toList())
                    .build();
        }

        Optional<Problem> apply() {
            Set<String> has = macs(devices.of(vm));
            Set<String> wanted = spec.nics().stream().map(Nic::mac).collect(Collectors.toSet());
            // Their ports and addresses may be wanted by others.
            has.stream()
                    .filter(mac -> !wanted.contains(mac))
                    .forEach(mac -> attempt("network card " + mac + " is not removed", () -> devices.detachCard(vm, mac)));
            for (Nic nic : spec.nics()) {
                if (has.contains(nic.mac())) {
                    attempt("network card " + nic.name() + " is not changed", () -> devices.updateCard(spec, nic.name()));
                } else {
                    attempt("network card " + nic.name() + " is not added", () -> devices.attachCard(spec, nic.name()));
                }
            }
            grow();
            macs(devices.of(vm)).stream()
                    .filter(mac -> !wanted.contains(mac))
                    .findFirst()
                    .ifPresent(mac -> problems.add(new Problem(
                            Reason.DeviceHeld, "the guest has not let go of network card " + mac + " yet")));
            return problems.stream().findFirst();
        }

        private void grow() {
            Stream.concat(
                            Stream.of(Map.entry(folder.osDisk(), machine.osDiskBytes())),
                            machine.dataDisks().stream()
                                    .map(disk -> Map.entry(folder.dataDisk(disk.identity()), disk.bytes())))
                    .forEach(disk -> attempt(
                            "disk " + disk.getKey().getFileName() + " does not grow",
                            () -> devices.growDisk(vm, disk.getKey(), disk.getValue())));
        }

        private void attempt(String otherwise, Change change) {
            try {
                change.make();
            } catch (HypervisorException e) {
                problems.add(failed(otherwise, e));
            }
        }

        private static Set<String> macs(Devices devices) {
            return devices.cards().stream().map(Card::mac).collect(Collectors.toSet());
        }
    }
}
