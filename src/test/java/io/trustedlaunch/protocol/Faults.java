package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.agent.host.BootId;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.protocol.GuestLedger.Written;
import io.trustedlaunch.testkit.FakeApiServer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What can happen to hosts and to the API server's data. */
final class Faults {
    private final ClusterUnderTest cluster;
    private final Map<Host, Snapshot> savedDisks = new HashMap<>();
    private final Set<Host> setBack = new HashSet<>();
    private final HostStatements words;
    private final KnownStates known;
    private final Map<UUID, Long> startsBeforeSetBack = new HashMap<>();
    /** By host, the VMs that were being started there for the first time when it was fenced. */
    private final Map<Host, Set<UUID>> firstStarts = new HashMap<>();

    /** The VMs whose keys were made after the backup from which the API server's data is. */
    private final Set<UUID> lostKeys = new HashSet<>();

    private boolean recreated;
    private boolean restored;
    private boolean statusLost;
    private boolean statesRemoved;

    Faults(ClusterUnderTest cluster) {
        this.cluster = cluster;
        this.words = new HostStatements(cluster.server);
        this.known = new KnownStates(cluster);
    }

    /** It loses its power, and a person says so: with a statement, or with the taint if there is no boot to name. */
    void fence(Host host) {
        fence(host, false);
    }

    void fence(Host host, boolean byTaint) {
        crash(host);
        mayStartElsewhere(host);
        words.say(host, byTaint);
    }

    /** Its guests may start elsewhere if it is proved dead, or is going to be. */
    void crash(Host host) {
        cluster.power.mayLose(lastOn(host).toList());
        host.powerOff();
        cluster.network.react();
        if (words.mayBeBelieved(host)) {
            mayStartElsewhere(host);
        }
    }

    /** By its management controller, and so it is going to be proved dead. */
    void cutPower(Host host) {
        crash(host);
        mayStartElsewhere(host);
    }

    void mayStartElsewhere(Host host) {
        lastOn(host).forEach(vm -> cluster.ledger.allowElsewhere(vm, elsewhere(host, vm)));
        firstStarts.computeIfAbsent(host, first -> new HashSet<>()).addAll(firstStartsOn(host));
    }

    private Set<UUID> firstStartsOn(Host host) {
        return cluster.server
                .seen(VMIncarnation.class)
                .filter(one ->
                        one.getSpec().firstStart() && one.getSpec().nodeName().equals(host.name()))
                .map(one -> UUID.fromString(one.getSpec().vmRef().uid()))
                .collect(Collectors.toSet());
    }

    /**
     * The disks that were made for a first start stay in the folder of a node that was proved dead meanwhile, if no other node
     * has that folder: whether it is shared is known only later, and then nobody asks for their removal (docs/failover.md).
     */
    boolean mayKeepDisks(Host host, UUID vm) {
        boolean wasFirstStart = firstStarts.getOrDefault(host, Set.of()).contains(vm);
        // A restore made the folder, and was done again elsewhere because the host was said to be dead
        // (docs/backup.md).
        boolean isNoIncarnations = host.records()
                .lookUp(vm)
                .found()
                .filter(record -> record.ekDigest().isPresent())
                .isEmpty();
        return !cluster.sharesFolder() && (wasFirstStart || isNoIncarnations);
    }

    /**
     * A guest whose migration was cut off at its end may have gone on where it was, on disks that nobody reaches now; on the
     * target it waits as it was then.
     */
    private Written elsewhere(Host fenced, UUID vm) {
        boolean isSent = !cluster.sharesFolder()
                && cluster.hosts.stream()
                        .filter(other -> other != fenced)
                        .anyMatch(other -> other.hypervisor().find(vm).isPresent());
        return isSent ? new Written(known.tpmOnRecord(vm), 0) : new Written(known.newestAtHome(vm), Integer.MAX_VALUE);
    }

    /** A person says so, and it is not true. */
    void lie(Host host, boolean byTaint) {
        cluster.deceivedAbout(host);
        cluster.power.mayLose(lastOn(host).toList());
        mayStartElsewhere(host);
        words.say(host, byTaint);
    }

    /** Its management controller says that it has no power, and it has. */
    void lieOfPower(Host host) {
        cluster.power.mayLose(lastOn(host).toList());
        mayStartElsewhere(host);
    }

    /** After a restore, the API server does not know it any more. */
    void sayAgain(Host host) {
        mayStartElsewhere(host);
        words.say(host, false);
    }

    /** Whoever says that it is dead has been contradicted, or has withdrawn it. */
    boolean isBelieved(Host host) {
        return !words.proves(host, BootId.in(host.runFolder()))
                && (!words.stand(host) || words.fences(host).anyMatch(phase -> phase == Phase.Contradicted));
    }

    boolean isProvedDead(Host host) {
        return words.fences(host).anyMatch(phase -> phase == Phase.Proved);
    }

    /** The person has withdrawn the word. */
    void withdraw(Host host) {
        words.withdraw(host);
    }

    /**
     * Somebody who reaches the storage removes the newest states of the VM, and leaves one. Whoever has reported a later one
     * is not to be turned back.
     *
     * @return whether there were any that were reported
     */
    boolean removeStates(Host host, UUID vm) {
        HomeView home = new HomeView(host, vm);
        List<GuestStateVersion> versions =
                home.versions().stream().sorted(Comparator.naturalOrder()).toList();
        Optional<GuestStateVersion> reported = known.reported(vm);
        if (versions.isEmpty()
                || reported.filter(one -> one.compareTo(versions.getFirst()) > 0)
                        .isEmpty()) {
            return false;
        }
        home.remove(versions.subList(1, versions.size()));
        startsBeforeSetBack.put(vm, cluster.ledger.starts(vm));
        statesRemoved = true;
        return true;
    }

    boolean wereStatesRemoved() {
        return statesRemoved;
    }

    /** Nobody lies, no data was lost, and all hosts are registered. */
    boolean isUntroubled() {
        return !restored
                && !statusLost
                && setBack.isEmpty()
                && areAllRegistered()
                && cluster.ledger.deceived().isEmpty();
    }

    /** The person has withdrawn the word, and it has power again. */
    void unfence(Host host) {
        words.withdraw(host);
        host.powerOn();
    }

    /** A backup tool restores what belongs to VMs, with new UIDs and without status. */
    void recreateFrom(FakeApiServer backup) {
        cluster.power.allMayLose();
        cluster.server.recreate(
                backup, Set.of(TrustedLaunchVM.class, VMIncarnation.class, VMMigration.class, Secret.class));
        lostKeys.addAll(known.withoutKey());
        cluster.operators.newLeader();
        recreated = true;
        restored = true;
    }

    boolean hasRecreated() {
        return recreated;
    }

    /** If the API server and the hosts' disks are then from before its first start, a VM is started for the first time. */
    private void forgettingWhatNothingKnows(Runnable loss) {
        loss.run();
        List.copyOf(cluster.ledger.vms()).stream()
                .filter(vm -> cluster.ledger.running(vm).isEmpty()
                        && cluster.ledger
                                .ek(vm)
                                .filter(ek -> known.isKnown(vm, ek))
                                .isEmpty())
                .forEach(cluster.ledger::forget);
    }

    /** A person's word that it is dead stands. */
    boolean isFenced(Host host) {
        return words.stand(host);
    }

    void loseStatus(HasMetadata object) {
        statusLost = true;
        cluster.power.allMayLose();
        forgettingWhatNothingKnows(() -> cluster.server.loseStatus(object));
        cluster.users.withdrawApprovals();
        allowLossOfThoseSetBack();
    }

    /** All operators end, since their Leases are from before. */
    void restore(FakeApiServer backup) {
        cluster.power.allMayLose();
        forgettingWhatNothingKnows(() -> cluster.server.restore(backup));
        lostKeys.addAll(known.withoutKey());
        cluster.users.withdrawApprovals();
        restored = true;
        cluster.hosts.stream()
                .filter(host -> !host.isOn() && words.mayBeBelieved(host))
                .forEach(this::mayStartElsewhere);
        cluster.operators.newLeader();
        cluster.operators.add();
        allowLossOfThoseSetBack();
    }

    /** The record may now be from before what the disk of their host had when it was set back. */
    private void allowLossOfThoseSetBack() {
        startsBeforeSetBack.forEach((vm, starts) -> {
            if (cluster.ledger.starts(vm) == starts) {
                allowLoss(vm);
            }
        });
    }

    boolean saveDisk(Host host) {
        savedDisks.put(host, host.snapshot(!cluster.sharesFolder()));
        return true;
    }

    /** Its guests crash, and what its disk had lately is gone. */
    boolean setDiskBack(Host host) {
        if (!savedDisks.containsKey(host)) {
            return false;
        }
        crash(host);
        lastOn(host).forEach(vm -> {
            startsBeforeSetBack.put(vm, cluster.ledger.starts(vm));
            allowLoss(vm);
        });
        setBack.add(host);
        forgettingWhatNothingKnows(savedDisks.get(host)::restore);
        if (!isFenced(host)) {
            host.powerOn();
        }
        return true;
    }

    private Stream<UUID> lastOn(Host host) {
        return cluster.ledger.vms().stream()
                .filter(vm -> cluster.ledger.lastHost(vm).equals(Optional.of(host)));
    }

    boolean wasSetBack(Host host) {
        return setBack.contains(host);
    }

    boolean lostKey(UUID vm) {
        return lostKeys.contains(vm);
    }

    boolean wasRestored() {
        return restored;
    }

    boolean lostAStatus() {
        return statusLost;
    }

    boolean wereSetBack() {
        return !setBack.isEmpty();
    }

    /**
     * Its TPM may be as it was at the last claim or clean end on record, and its disk as on any day before. Without the VM's
     * record nothing tells its agent that all of its state was at home.
     */
    private void allowLoss(UUID vm) {
        cluster.ledger.allowTpm(vm, known.hasRecord(vm) ? known.tpmOnRecord(vm) : 0);
        if (!cluster.sharesFolder()) {
            cluster.ledger.allowDisk(vm, 0);
        }
    }

    /** The hosts that were cut off are heard again, and whatever people say of them stands. */
    void reachAll() {
        cluster.hosts.forEach(this::mend);
        cluster.operators.newLeader();
    }

    /** The NodeFences that prove the present boot of a host over which is heard. */
    boolean areAllLiesTold() {
        return cluster.hosts.stream()
                .filter(Host::isOn)
                .noneMatch(host -> words.proves(host, BootId.in(host.runFolder())));
    }

    /** All faults end. */
    void heal() {
        cluster.network.mend();
        cluster.hosts.forEach(host -> {
            unfence(host);
            mend(host);
        });
        cluster.operators.newLeader();
    }

    /**
     * All faults end, but for the hosts that are off: a person says that they are, and has withdrawn what was said before. If
     * all are, one gets power that does not have the VM.
     */
    void healTheLiving() {
        if (cluster.hosts.stream().noneMatch(Host::isOn)) {
            cluster.hosts.stream()
                    .filter(host -> !Optional.of(host.name()).equals(whereTheVmIs()))
                    .findFirst()
                    .ifPresent(Host::powerOn);
        }
        cluster.network.mend();
        cluster.hosts.forEach(words::withdraw);
        cluster.hosts.stream().filter(Host::isOn).forEach(this::mend);
        cluster.operate();
        cluster.hosts.stream().filter(host -> !host.isOn()).forEach(this::sayAgain);
    }

    /** Its status may be lost just now. */
    private Optional<String> whereTheVmIs() {
        return cluster.vm()
                .map(TrustedLaunchVM::getStatus)
                .map(TrustedLaunchVMStatus::nodeName)
                .or(() -> cluster.ledger.lastHost(cluster.identity()).map(Host::name));
    }

    /** Nothing holds first starts up, and all nodes take VMs. */
    private void mend(Host host) {
        host.lackImage(false);
        host.hangProbe(false);
        cluster.users.cordon(host, false);
        host.freeze(false);
        host.reach(Host.Reach.ALL);
        host.agent().ifPresent(agent -> agent.cutOffFromApiServer(false));
    }

    boolean areAllRegistered() {
        return cluster.hosts.stream()
                .allMatch(host ->
                        cluster.server.find(ClusterNode.class, host.name()).isPresent());
    }

    /**
     * Not after a restore: what the host did since the backup would be given up by it, and a host that runs or returns was
     * not.
     */
    boolean deleteClusterNode(Host host) {
        if (restored) {
            return false;
        }
        cluster.power.mayLose(lastOn(host).toList());
        cluster.server.find(ClusterNode.class, host.name()).ifPresent(cluster.server::delete);
        return true;
    }
}
