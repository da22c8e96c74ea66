package io.trustedlaunch.operator.vm.plan;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.DiscDrive;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.node.VMNetworkSpec;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.Disc;
import io.trustedlaunch.api.vm.DiskBus;
import io.trustedlaunch.api.vm.DiskBuses;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.NetworkModel;
import io.trustedlaunch.api.vm.ScreenModel;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.operator.vm.facts.DataDisks;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The changes of a VM's spec that wait for the guest's next start: {@link DeviceChanges} need none. A guest keeps its machine wherever it migrates. Of its user data
 * nothing is known: an incarnation has it sealed.
 */
public record PendingChanges(VmFacts facts) {
    /** Of verdicts that a restart ends. */
    public static final Set<Reason> RESTART =
            Collections.unmodifiableSet(EnumSet.of(Reason.SpecChanged, Reason.DeviceChangeFailed, Reason.DeviceHeld));

    /** The verdict for the condition. */
    public Problem verdict() {
        return facts.guestThatGoesOn()
                .map(this::verdict)
                .orElseGet(() -> new Problem(
                        Reason.NotRunning,
                        "the guest is not running, or is being stopped: its next start applies the spec"));
    }

    private Problem verdict(Incarnation incarnation) {
        DeviceChanges devices = new DeviceChanges(facts, incarnation);
        List<Change> changes = changes(devices.machine());
        if (!changes.isEmpty()) {
            return changed(changes);
        }
        return devices.areDue() ? changing(incarnation) : upToDate(incarnation);
    }

    private Problem changing(Incarnation incarnation) {
        return incarnation
                .devicesProblem()
                .map(problem ->
                        new Problem(problem.reason(), problem.message() + ": the agent tries again. " + toRestart()))
                .orElseGet(() -> new Problem(
                        Reason.ChangingDevices,
                        "the guest is being given the disks and cards of the spec; no restart is needed"
                                + facts.vm()
                                        .openMigration()
                                        .map(open -> ". That waits for the end of VMMigration " + open.name())
                                        .orElse("")));
    }

    private String toRestart() {
        return "To apply it at once, restart the guest with kubectl tlvm restart "
                + facts.vm().name() + " -n " + facts.vm().namespace();
    }

    /** The size of a disk in a backup is not known here. */
    private static Problem upToDate(Incarnation incarnation) {
        boolean wasNotWhole = incarnation.resource().getSpec().diskFill() != null;
        return new Problem(
                Reason.UpToDate,
                "the guest runs with what a start would give it now"
                        + (wasNotWhole
                                ? "; but it was started before its disks were filled from a backup, and those that are"
                                        + " larger in the spec grow once it is started again after that"
                                : ""));
    }

    private Problem changed(List<Change> changes) {
        return new Problem(
                Reason.SpecChanged,
                changes.stream().map(Change::text).collect(Collectors.joining("; "))
                        + ": to apply that, restart the guest with kubectl tlvm restart "
                        + facts.vm().name() + " -n " + facts.vm().namespace()
                        + new StartChecks(facts)
                                .machine()
                                .map(problem -> ", which waits as long as a start is refused: " + problem.message())
                                .orElse(""));
    }

    private List<Change> changes(Machine has) {
        TrustedLaunchVMSpec spec = facts.vm().spec();
        return Stream.of(
                        Stream.of(
                                new Change("spec.cores", spec.cores(), has.cores(), spec.cores() != has.cores()),
                                new Change(
                                        "spec.memory",
                                        spec.memory(),
                                        has.memory(),
                                        ByteSize.of(spec.memory()) != has.memoryBytes()),
                                screen(spec.screen(), has),
                                osDiskBus(spec, has),
                                dataDiskBus(spec, has),
                                networkModel(spec.networkModel(), has),
                                growth("spec.osDisk.size", spec.osDisk().size(), has.osDiskSize())),
                        spec.dataDisks().stream().flatMap(disk -> growth(disk, has.dataDisks())),
                        dataDisks(has),
                        drives(has.discs()),
                        cards(has.nics()))
                .flatMap(Function.identity())
                .filter(Change::due)
                .distinct()
                .toList();
    }

    private static Change screen(ScreenModel wanted, Machine has) {
        ScreenModel then = wanted == null ? ScreenModel.ofOs(has.osType()) : wanted;
        return new Change("spec.screen", then, has.screenOrDefault(), then != has.screenOrDefault());
    }

    private static Change osDiskBus(TrustedLaunchVMSpec spec, Machine has) {
        DiskBus then = buses(spec, has).os();
        DiskBus now = has.diskBuses().os();
        return new Change("the bus of the OS disk (spec.diskBus, spec.osDisk.bus)", then, now, then != now);
    }

    private static Change dataDiskBus(TrustedLaunchVMSpec spec, Machine has) {
        DiskBus then = buses(spec, has).data();
        DiskBus now = has.diskBuses().data();
        return new Change(
                "the bus of data disks (spec.diskBus)",
                then,
                now,
                then != now && !has.dataDisks().isEmpty());
    }

    private static DiskBuses buses(TrustedLaunchVMSpec spec, Machine has) {
        return DiskBuses.of(has.osType(), spec.diskBus(), spec.osDisk().bus());
    }

    private static Change networkModel(NetworkModel wanted, Machine has) {
        NetworkModel then = wanted == null ? NetworkModel.ofOs(has.osType()) : wanted;
        NetworkModel now = has.networkModelOrDefault();
        return new Change(
                "spec.networkModel", then, now, then != now && !has.nics().isEmpty());
    }

    private static Stream<Change> growth(DataDisk wanted, List<Disk> has) {
        return has.stream()
                .filter(disk -> disk.name().equals(wanted.name()))
                .map(disk -> growth("spec.dataDisks, size of " + disk.name(), wanted.size(), disk.size()));
    }

    /** By identity: an entry that was renamed is both a removal and an addition. */
    private Stream<Change> dataDisks(Machine has) {
        DataDisks next = DataDisks.of(has).ofNextStart(facts);
        Set<DiskIdentity> now = identities(has.dataDisks());
        Set<DiskIdentity> then = identities(next.disks());
        return Stream.of(
                        next.disks().stream()
                                .filter(disk -> !now.contains(disk.identity()))
                                .map(this::addition),
                        has.removedDisks().stream()
                                .filter(disk -> next.deleted().contains(disk.identity()))
                                .map(disk -> new Change(
                                        "spec.deletedDisks has removed disk " + disk.identity()
                                                + ": its file is deleted",
                                        true)),
                        has.dataDisks().stream()
                                .filter(disk -> !then.contains(disk.identity()))
                                .map(disk -> removal(disk, next)))
                .flatMap(Function.identity());
    }

    /** A drive that was removed has no disc any more, and goes with the next start. */
    private Stream<Change> drives(List<DiscDrive> has) {
        Set<String> now = has.stream().map(DiscDrive::name).collect(Collectors.toSet());
        List<Disc> wanted = facts.vm().spec().discs();
        Set<String> then = wanted.stream().map(Disc::name).collect(Collectors.toSet());
        return Stream.concat(
                wanted.stream()
                        .filter(disc -> !now.contains(disc.name()))
                        .map(disc -> new Change(
                                "spec.discs has " + disc.name() + ", and the guest has no such drive yet", true)),
                has.stream()
                        .filter(drive -> !then.contains(drive.name()))
                        .map(drive ->
                                new Change("spec.discs lacks " + drive.name() + ", a drive that the guest has", true)));
    }

    private static Change removal(Disk disk, DataDisks next) {
        return new Change(
                "spec.dataDisks lacks " + disk.name() + ", which the guest has: its file is "
                        + (next.deleted().contains(disk.identity())
                                ? "deleted, as spec.deletedDisks says"
                                : "kept as removed disk " + disk.identity()),
                true);
    }

    private Change addition(Disk disk) {
        return new Change(
                "spec.dataDisks has " + disk.name() + ", and the guest has not: it is "
                        + (disk.wasRemoved() ? "removed disk " + disk.identity() : "a new, empty disk"),
                true);
    }

    private static Set<DiskIdentity> identities(List<Disk> disks) {
        return disks.stream().map(Disk::identity).collect(Collectors.toSet());
    }

    /** No start makes a disk smaller. */
    private static Change growth(String field, Quantity wanted, Quantity has) {
        return new Change(field, wanted, has, ByteSize.of(wanted) > ByteSize.of(has));
    }

    /** By name. The addresses show which of them was only renamed. */
    private Stream<Change> cards(List<Nic> has) {
        Map<String, Nic> now = has.stream().collect(Collectors.toMap(Nic::name, Function.identity()));
        List<NetworkInterface> wanted = facts.vm().spec().networkInterfaces();
        Set<String> then = wanted.stream().map(NetworkInterface::name).collect(Collectors.toSet());
        return Stream.concat(
                wanted.stream().flatMap(card -> card(card, Optional.ofNullable(now.get(card.name())))),
                has.stream()
                        .filter(nic -> !then.contains(nic.name()))
                        .map(nic -> new Change(
                                "spec.networkInterfaces lacks " + nic.name()
                                        + ", which the guest has, with MAC address " + nic.mac(),
                                true)));
    }

    private Stream<Change> card(NetworkInterface wanted, Optional<Nic> has) {
        String address = MacAddresses.of(facts.vm().uid(), wanted);
        return has.map(nic -> Stream.of(
                        cardChange("network", wanted, wanted.network(), nic.network()),
                        cardChange("linkState", wanted, wanted.link(), nic.link()),
                        cardChange("MAC address", wanted, address, nic.mac().toLowerCase(Locale.ROOT)),
                        filter(wanted, nic)))
                .orElseGet(() -> Stream.of(new Change(
                        "spec.networkInterfaces has " + wanted.name()
                                + ", and the guest has not: it is a new card in network " + wanted.network()
                                + " with MAC address " + address,
                        true)));
    }

    private static Change cardChange(String what, NetworkInterface card, Object wanted, Object has) {
        return new Change("spec.networkInterfaces, " + what + " of " + card.name(), wanted, has, !wanted.equals(has));
    }

    /** Of a network that the card stays in. One that is not there any more refuses the next start. */
    private Change filter(NetworkInterface wanted, Nic has) {
        String before = filterName(has.trafficFilter());
        String filter = Optional.ofNullable(facts.offers().networks().get(wanted.network()))
                .filter(network -> wanted.network().equals(has.network()))
                .map(network -> filterName(network.trafficFilter()))
                .orElse(before);
        return new Change("trafficFilter of VMNetwork " + wanted.network(), filter, before, !filter.equals(before));
    }

    private static String filterName(String given) {
        return given == null ? VMNetworkSpec.CLEAN_TRAFFIC : given;
    }

    /** @param due whether the next start makes it */
    private record Change(String text, boolean due) {
        Change(String field, Object wanted, Object has, boolean due) {
            this(field + " is " + wanted + ", and the guest has " + has, due);
        }
    }
}
