package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.incarnation.IncarnationFields;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Devices;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecDevicesBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.vm.DiskBus;
import io.trustedlaunch.api.vm.DiskBuses;
import io.trustedlaunch.operator.quota.VmCharge;
import io.trustedlaunch.operator.vm.facts.DataDisks;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a guest that runs is given at once of the changes in its VM's spec: disks that come, go or grow; cards that come, go, or change
 * network and link; discs that are changed or ejected. Everything else waits for its next start. A migration and a change exclude each other: the target has the machine that the
 * source had when the migration was reserved.
 */
record DeviceChanges(VmFacts facts, Incarnation incarnation) {
    /** Empty: there is nothing to change, or not now. */
    Optional<VmStep> step() {
        Machine wanted = wanted();
        // The record is older than what the agent has given the guest, which gets the devices of the record again.
        boolean isBehind = incarnation.requestedDevices() < incarnation.appliedDevices();
        return (wanted.equals(incarnation.machine()) && !isBehind)
                        || facts.vm().openMigration().isPresent()
                        || new StartChecks(facts).unanswered().isPresent()
                        || problem(wanted).isPresent()
                ? Optional.empty()
                : Optional.of(new ChangeDevices(incarnation, devices(wanted), charge(wanted)));
    }

    /** The machine that the guest will have without a restart. */
    Machine machine() {
        Machine now = incarnation.machine();
        Machine wanted = wanted();
        return wanted.equals(now) || problem(wanted).isPresent() ? now : wanted;
    }

    /** A change was requested, or will be, and its agent has not reported that the guest has it. */
    boolean areDue() {
        return incarnation.lacksDevices() || !machine().equals(incarnation.machine());
    }

    /** What the next start must not have either, or what this guest's node cannot do. */
    private Optional<Problem> problem(Machine wanted) {
        boolean isKnown = facts.nodes()
                .find(incarnation.node())
                .filter(node -> node.knows(IncarnationFields.usedBy(
                        VMIncarnationSpecBuilder.builder(incarnation.resource().getSpec())
                                .devices(devices(wanted))
                                .build())))
                .isPresent();
        if (!isKnown) {
            return Optional.of(StartChecks.olderAgent(incarnation.node()));
        }
        return new StartChecks(facts)
                .machine()
                .or(() -> facts.quota().exceededBy(charge(wanted).use()));
    }

    private VmCharge charge(Machine wanted) {
        return facts.vm().charge().withDisks(wanted);
    }

    private Devices devices(Machine wanted) {
        return VMIncarnationSpecDevicesBuilder.builder()
                .revision(nextRevision())
                .osDiskSize(wanted.osDiskSize())
                .dataDisks(wanted.dataDisks())
                .removedDisks(wanted.removedDisks())
                .nics(wanted.nics())
                .discs(wanted.discs())
                .build();
    }

    /** In restored data, the agent may have reported a later one. */
    private long nextRevision() {
        return Math.max(incarnation.requestedDevices(), incarnation.appliedDevices()) + 1;
    }

    private Machine wanted() {
        Machine now = incarnation.machine();
        VMIncarnationSpecMachineBuilder wanted = VMIncarnationSpecMachineBuilder.builder(now)
                .nics(nics(now.nics()))
                .discs(new Discs(facts).whileRunning(now.discs()));
        // Its agent does not know which disks are whole.
        if (incarnation.resource().getSpec().diskFill() != null) {
            return wanted.build();
        }
        // With AHCI, no disk comes or goes while its guest runs, and the guest does not see that one is larger.
        DiskBuses buses = now.diskBuses();
        if (buses.os() == DiskBus.VirtIO) {
            wanted.osDiskSize(
                    ByteSize.larger(now.osDiskSize(), facts.vm().spec().osDisk().size()));
        }
        if (buses.data() == DiskBus.VirtIO) {
            DataDisks next = DataDisks.of(now).whileRunning(facts, incarnation.epoch(), nextRevision());
            wanted.dataDisks(next.disks()).removedDisks(next.removed());
        }
        return wanted.build();
    }

    /** In the order of those that are there. */
    private List<Nic> nics(List<Nic> now) {
        List<Nic> wanted = new MachineBuilder(facts).nics();
        Set<String> there = now.stream().map(Nic::name).collect(Collectors.toSet());
        return Stream.concat(
                        now.stream()
                                .flatMap(nic -> wanted.stream()
                                        .filter(next -> next.name().equals(nic.name()))
                                        .map(next -> changed(nic, next))),
                        wanted.stream().filter(next -> !there.contains(next.name())))
                .toList();
    }

    /**
     * A card with another address is another card. A network's other filter waits for a restart as well: an administrator changes it
     * for many VMs.
     */
    private static Nic changed(Nic now, Nic next) {
        if (!next.mac().equalsIgnoreCase(now.mac())) {
            return now;
        }
        boolean stays = next.network().equals(now.network());
        return new Nic(
                now.name(),
                next.network(),
                now.mac(),
                stays ? now.trafficFilter() : next.trafficFilter(),
                next.linkState());
    }
}
