package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.domain.DomainIdentity;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.incarnation.FakeTpms;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What the guests themselves know: how often each has written to its TPM and to its disk. It is compared with what each
 * guest finds whenever it runs somewhere else, or anew.
 */
final class GuestLedger {
    private final List<Host> hosts;
    private final TpmKeys tpms;
    private final RunningGuests present;
    private final Map<UUID, Guest> guests = new HashMap<>();

    /** What the disks had that were copied for VMs which have not run yet. */
    private final Map<UUID, Integer> copies = new HashMap<>();

    /** The last of each VM. */
    private final Map<UUID, Approval> approvals = new HashMap<>();

    /** Of each VM, one that was replaced since the start of that epoch got it. */
    private final Map<UUID, Replaced> replaced = new HashMap<>();

    /** What the start of that epoch may go back to although its user has approved another state since. */
    private record Replaced(long epoch, int tpm) {}

    /** Of a state with a TPM that was written to so often, for a start right after that epoch. */
    private record Approval(long lastEpoch, int tpm) {}

    /** Where a guest runs. */
    record Place(Host host, DomainIdentity domain) {}

    /** One VM's guest. Zero: it has written nothing. */
    private static final class Guest {
        private String ek;
        private Optional<Place> now = Optional.empty();
        private Host last;
        private long lastEpoch;
        private int tpm;
        private int disk;
        /** Each data disk that it ever had. */
        private final Set<String> disks = new HashSet<>();

        private long starts;
        /** When it ran for the first time. */
        private int tpmsMade;

        /** What another host than the last has at least, once the last one was proved dead. */
        private Optional<Written> elsewhere = Optional.empty();

        Written written() {
            return new Written(tpm, disk);
        }
    }

    /** How often a guest has written to its TPM and to its disk. */
    record Written(int tpm, int disk) {
        Written min(Written other) {
            return new Written(Math.min(tpm, other.tpm), Math.min(disk, other.disk));
        }
    }

    GuestLedger(List<Host> hosts, TpmKeys tpms, VirtualClock clock) {
        this.hosts = hosts;
        this.tpms = tpms;
        this.present = new RunningGuests(clock);
    }

    List<Place> running(UUID vm) {
        return running().stream()
                .filter(place -> place.domain().vm().equals(vm))
                .toList();
    }

    List<Place> running() {
        return hosts.stream()
                .filter(Host::runs)
                .flatMap(host -> host.hypervisor().domains().stream()
                        .filter(domain -> runs(domain.state()))
                        .filter(domain -> !host.hypervisor().isIncomplete(domain.vm()))
                        .map(domain -> new Place(host, domain.identity())))
                .toList();
    }

    static boolean runs(DomainState state) {
        return state instanceof DomainState.Running || state instanceof DomainState.ShuttingDown;
    }

    /**
     * I1, I2, I3, I6, I8: one guest at most runs, with its own TPM, the only one that was made since it ran, with all that it
     * has written and with its folder. One on a host that was falsely said to be dead may run besides a later one that began
     * while the beacon of that host stood still, or while power proved it.
     */
    void check() {
        present.check(running());
        Map<UUID, Place> places = places();
        guests.forEach((vm, guest) -> {
            if (!places.containsKey(vm)) {
                guest.now = Optional.empty();
            }
        });
        places.values().forEach(this::check);
        guests.forEach((vm, guest) -> assertThat(tpms.made(vm))
                .as("TPMs that were made for VM " + vm + ", whose guest has run")
                .isEqualTo(guest.tpmsMade));
    }

    /** The latest guest of each VM. */
    private Map<UUID, Place> places() {
        Map<UUID, Place> places = new HashMap<>();
        running().stream()
                .filter(place -> !present.isLeftOver(place))
                .forEach(place -> places.merge(place.domain().vm(), place, GuestLedger::later));
        return places;
    }

    private static Place later(Place one, Place other) {
        return one.domain().epoch() > other.domain().epoch() ? one : other;
    }

    /** Somebody says of the host that it is dead, and that is not true. */
    void deceivedAbout(Host host) {
        present.deceivedAbout(host);
    }

    /** Of hosts that have power, their management controllers say now that they have none, and are believed. */
    void provedOff(Set<Host> hosts) {
        present.provedOff(hosts);
    }

    /** Somebody deletes the VM with all that it has. */
    void deletedOnPurpose(UUID vm) {
        present.deletedOnPurpose(vm);
    }

    /** The leader has heard the host, and believes nobody who says that it is dead. */
    void lieIsOver(Host host) {
        present.lieIsOver(host);
    }

    /** Hosts about which somebody lied, and which were not heard since. */
    Set<Host> deceived() {
        return present.deceived();
    }

    /** Where the guest runs that goes on; empty: none runs, or its host stands still. */
    Optional<Place> now(UUID vm) {
        return guest(vm).flatMap(guest -> guest.now);
    }

    private void check(Place place) {
        UUID vm = place.domain().vm();
        Guest guest = guests.computeIfAbsent(vm, unknown -> new Guest());
        if (guest.now.equals(Optional.of(place)) || (isOfLast(guest, place) && present.isKnown(place))) {
            guest.now = Optional.of(place);
            return;
        }
        Written atLeast = guest.elsewhere
                .filter(elsewhere -> place.host() != guest.last || hasBeenTakenOver(guest, place))
                .map(guest.written()::min)
                .orElse(guest.written())
                .min(approved(place));
        guest.elsewhere = Optional.empty();
        guest.now = Optional.of(place);
        guest.last = place.host();
        guest.lastEpoch = place.domain().epoch();
        guest.starts++;
        String ek = GuestFiles.ek(place.host(), vm);
        if (guest.ek == null) {
            guest.tpmsMade = tpms.made(vm);
            atLeast = new Written(0, copies.getOrDefault(vm, 0));
        } else {
            assertThat(ek)
                    .as("the endorsement key that the guest sees on " + place.host())
                    .isEqualTo(guest.ek);
        }
        guest.ek = ek;
        int tpm = GuestFiles.tpm(place.host(), vm);
        int disk = GuestFiles.disk(place.host(), vm);
        assertThat(disk)
                .as("what the guest finds on its disk on " + place.host())
                .isGreaterThanOrEqualTo(atLeast.disk());
        assertThat(tpm).as("what the guest finds in its TPM on " + place.host()).isGreaterThanOrEqualTo(atLeast.tpm());
        guest.tpm = tpm;
        guest.disk = disk;
        place.host()
                .hypervisor()
                .spec(vm)
                .ifPresent(domain -> domain.dataDisks().forEach(data -> guest.disks.add(data.name())));
    }

    /** Whether the guest ever had that data disk. */
    boolean had(UUID vm, String disk) {
        return guest(vm).filter(guest -> guest.disks.contains(disk)).isPresent();
    }

    /** Its host stood still: that is no start. The VM may go on elsewhere with what it had when it was said to be dead. */
    private static boolean isOfLast(Guest guest, Place place) {
        return place.host() == guest.last && place.domain().epoch() == guest.lastEpoch;
    }

    /** By another incarnation in between, which claimed the home and never ran. */
    private static boolean hasBeenTakenOver(Guest guest, Place place) {
        return place.domain().epoch() > guest.lastEpoch + 1;
    }

    /** Used up, or no longer counting, once an epoch has begun that is later than the one that the approval names. */
    private Written approved(Place place) {
        UUID vm = place.domain().vm();
        Optional<Approval> approval = Optional.ofNullable(approvals.get(vm));
        approval.filter(one -> place.domain().epoch() > one.lastEpoch()).ifPresent(one -> approvals.remove(vm));
        int before = Optional.ofNullable(replaced.get(vm))
                .filter(one -> one.epoch() == place.domain().epoch())
                .map(Replaced::tpm)
                .orElse(Integer.MAX_VALUE);
        return new Written(Math.min(before, approval.map(Approval::tpm).orElse(Integer.MAX_VALUE)), Integer.MAX_VALUE);
    }

    /** The guest writes to its TPM and to its disk. */
    void work() {
        for (Place place : places().values()) {
            if (place.host().reach() == Host.Reach.NOTHING) {
                continue;
            }
            UUID vm = place.domain().vm();
            Guest guest = guests.get(vm);
            guest.tpm++;
            guest.disk++;
            GuestFiles.write(place.host(), vm, FakeTpms.state(guest.ek, Integer.toString(guest.tpm)), guest.disk);
        }
    }

    /** From now on the guest may find its TPM as it was then: a loss that was announced. */
    void allowTpm(UUID vm, int atLeast) {
        guest(vm).ifPresent(guest -> guest.tpm = Math.min(guest.tpm, atLeast));
    }

    /**
     * A start right after that epoch may go back to a state (docs/guest-state-and-approvals.md); if the epoch is under way, behind
     * all that the guest does until it ends.
     */
    void approved(UUID vm, long lastEpoch, int tpm) {
        approvals.put(vm, new Approval(lastEpoch, tpm));
    }

    /** The start of that epoch has the approval, or is about to get it, and keeps it whatever is approved from now on. */
    void keepsApproval(UUID vm, long epoch) {
        Optional.ofNullable(approvals.get(vm))
                .filter(approval -> approval.lastEpoch() < epoch)
                .ifPresent(approval -> replaced.merge(
                        vm,
                        new Replaced(epoch, approval.tpm()),
                        (one, other) -> one.epoch() == epoch && one.tpm() < other.tpm() ? one : other));
    }

    /** From now on it may go on, on another host, with what that has (I2). */
    void allowElsewhere(UUID vm, Written atLeast) {
        guest(vm)
                .ifPresent(
                        guest -> guest.elsewhere = Optional.of(guest.written().min(atLeast)));
    }

    /** It is set back to a backup, from which it goes on. */
    void restored(UUID vm, Written backup) {
        present.restored(vm);
        allowTpm(vm, backup.tpm());
        allowDisk(vm, backup.disk());
    }

    /** The VM begins with that disk. */
    void copied(UUID vm, Written backup) {
        copies.put(vm, backup.disk());
    }

    void allowDisk(UUID vm, int atLeast) {
        guest(vm).ifPresent(guest -> guest.disk = Math.min(guest.disk, atLeast));
    }

    void forget(UUID vm) {
        guests.remove(vm);
    }

    /** The VMs whose guests have run. */
    Set<UUID> vms() {
        return guests.keySet();
    }

    /** Where the guest ran last. */
    Optional<Host> lastHost(UUID vm) {
        return guest(vm).map(guest -> guest.last);
    }

    int tpm(UUID vm) {
        return guest(vm).map(guest -> guest.tpm).orElse(0);
    }

    Optional<String> ek(UUID vm) {
        return guest(vm).map(guest -> guest.ek);
    }

    long starts(UUID vm) {
        return guest(vm).map(guest -> guest.starts).orElse(0L);
    }

    private Optional<Guest> guest(UUID vm) {
        return Optional.ofNullable(guests.get(vm));
    }
}
