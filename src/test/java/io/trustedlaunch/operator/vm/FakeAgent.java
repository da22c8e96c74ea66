package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatus.Domain;
import io.trustedlaunch.api.ClusterNodeStatus.Inventory;
import io.trustedlaunch.api.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.Departure;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.VMIncarnationStatusDepartureBuilder;
import io.trustedlaunch.testkit.EndorsementKeys;
import io.trustedlaunch.testkit.FakeApiServer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The agent's half of the protocol in its shortest form, for one VM: what it remembers, what runs on its host, what it
 * reports. {@link #migrate} is the part of the two hypervisors. An epoch of zero means none.
 */
public final class FakeAgent {
    private final String node;
    private final FakeApiServer server;
    private final FakeHome home;
    private final Map<Long, Exit> ended = new HashMap<>();
    private final Map<Long, Course> answers = new HashMap<>();
    private long highest;
    private long paused;
    private long running;
    private int tpmsMade;

    /** The epoch whose working copy is on this host. */
    private long copyOf;

    /** The guest's progress, as its working copy has it. */
    private int done;

    /** The epoch for which a guest may arrive. */
    private long receiving;

    /** The epoch whose guest is here, paused until it has left its source. */
    private long arrived;

    /** The epoch whose guest has left its source, as the agent there said itself. */
    private long reportedLeft;

    /** The epoch that the guest migrates to, and its node. */
    private long departing;

    private String destination;

    /** The guest has left by migration; the agent may not have noticed. */
    private boolean guestLeft;

    /** The last epoch that was prepared or received here. */
    private long lastEpoch;

    /** The epoch whose disks are copied into a folder of this host alone. */
    private long copying;

    /** The state of a guest that left is not on the other host yet. */
    private boolean holdsFolder;

    /** The newest state that it sealed; remembered when the home has moved to another host. */
    private Optional<GuestStateVersion> sealed = Optional.empty();

    private Map<String, FakeAgent> others = Map.of();
    private boolean silent;

    public FakeAgent(String node, FakeApiServer server, FakeHome home) {
        this.node = node;
        this.server = server;
        this.home = home;
    }

    /** Agents that it can reach. */
    public void connect(Map<String, FakeAgent> all) {
        others = all;
    }

    public String node() {
        return node;
    }

    public boolean runs() {
        return running > 0;
    }

    public int tpmsMade() {
        return tpmsMade;
    }

    public String tpm() {
        return home.tpm();
    }

    public int done() {
        return done;
    }

    public boolean hasNothing() {
        return running == 0 && paused == 0 && arrived == 0 && copyOf == 0 && home.isEmpty();
    }

    public void guestEnds(Exit exit) {
        if (running > 0) {
            ended.put(running, exit);
            running = 0;
        }
    }

    /** A power cut: what is on disk is there afterwards, and a guest that left stays away. */
    public void hostCrashes() {
        guestEnds(Exit.Crashed);
        if (!guestLeft) {
            cancelMigration();
        }
        paused = 0;
        arrived = 0;
    }

    public void guestWorks() {
        if (running > 0) {
            done++;
        }
    }

    /** Reports what it remembers too: a working copy without a domain is also a reason not to start elsewhere. */
    public void answer(String leader, String vmUid) {
        ClusterNode own = server.find(ClusterNode.class, node).orElseThrow();
        ClusterNodeStatus before = own.getStatus();
        own.setStatus(ClusterNodeStatusBuilder.builder(before)
                .inventory(new Inventory(
                        leader, hasNothing() || lastEpoch == 0 ? List.of() : List.of(new Domain(vmUid, lastEpoch))))
                .conditions(null)
                .build());
        if (!own.getStatus().equals(before)) {
            server.replaceStatus(own);
        }
    }

    /** One act for each of its incarnations. */
    public void act() {
        server.all(VMIncarnation.class)
                .filter(incarnation -> incarnation.getSpec().nodeName().equals(node))
                .forEach(this::act);
    }

    /** Dies before it reports what it did. */
    public void actAndDie() {
        silent = true;
        act();
        silent = false;
    }

    private void act(VMIncarnation incarnation) {
        long epoch = incarnation.getSpec().epoch();
        if (epoch < highest) {
            if (!over(incarnation)) {
                report(incarnation, Phase.Stopped, Reason.EpochSuperseded, ended.getOrDefault(epoch, Exit.NeverRan));
            }
            return;
        }
        highest = epoch;
        noticeDeparture(epoch);
        if (incarnation.getSpec().desiredState() != DesiredState.Running) {
            end(incarnation, epoch);
        } else if (incarnation.getSpec().arrival() == null || ended.containsKey(epoch) || running == epoch) {
            run(incarnation, epoch);
        } else {
            receive(incarnation, epoch);
        }
    }

    private void noticeDeparture(long epoch) {
        if (guestLeft) {
            answers.put(departing, Course.Left);
            ended.put(epoch, Exit.Migrated);
            guestLeft = false;
        }
    }

    private void end(VMIncarnation incarnation, long epoch) {
        if (running > 0) {
            cancelMigration();
            guestEnds(Exit.Shutdown);
        }
        paused = 0;
        arrived = 0;
        receiving = 0;
        Exit exit = ended.computeIfAbsent(epoch, never -> Exit.NeverRan);
        boolean erase = incarnation.getSpec().desiredState() == DesiredState.Erased;
        if (erase || isOfAGuestThatStayed(incarnation, exit)) {
            home.erase();
            copying = 0;
            copyOf = 0;
        } else if (!sealsLast(incarnation) || !handsOver(incarnation, exit)) {
            report(incarnation, exit == Exit.Migrated ? Phase.Stopped : Phase.Stopping, Reason.EnvelopeRefused, exit);
            return;
        }
        report(incarnation, erase ? Phase.Erased : Phase.Stopped, Reason.Stopped, exit);
    }

    private boolean isOfAGuestThatStayed(VMIncarnation incarnation, Exit exit) {
        long epoch = incarnation.getSpec().epoch();
        return copying == epoch
                && exit == Exit.NeverRan
                && reportedLeft != epoch
                && !incarnation.getSpec().arrival().left();
    }

    /** Nothing is removed here before the other host has it. */
    private boolean handsOver(VMIncarnation incarnation, Exit exit) {
        Departure departure = incarnation.getSpec().departure();
        if (exit != Exit.Migrated || others.isEmpty() || home.isEmpty()) {
            return true;
        }
        FakeAgent other = others.get(destination);
        holdsFolder = departure == null || departure.epoch() != departing || other.copying != departing;
        if (!holdsFolder) {
            other.home.take(home);
            other.reportedLeft = departing;
            home.erase();
        }
        return !holdsFolder;
    }

    private void run(VMIncarnation incarnation, long epoch) {
        if (running == epoch) {
            depart(incarnation.getSpec().departure());
            report(incarnation, Phase.Running, Reason.Running, null);
        } else if (ended.containsKey(epoch)) {
            boolean settled = ended.get(epoch) == Exit.Migrated || sealsLast(incarnation);
            report(
                    incarnation,
                    settled ? Phase.Stopped : Phase.Stopping,
                    settled ? Reason.Stopped : Reason.EnvelopeRefused,
                    settled ? ended.get(epoch) : null);
        } else if (paused != epoch) {
            prepare(incarnation, epoch);
        } else {
            letRun(incarnation, epoch);
        }
    }

    private void depart(Departure departure) {
        if (departure == null || answers.containsKey(departure.epoch())) {
            return;
        }
        if (departure.cancelled()) {
            answers.put(departure.epoch(), Course.Stayed);
            departing = 0;
        } else {
            departing = departure.epoch();
            destination = departure.nodeName();
        }
    }

    private void cancelMigration() {
        if (departing > 0 && !answers.containsKey(departing)) {
            answers.put(departing, Course.Stayed);
            departing = 0;
        }
    }

    /** The guest is paused on the target, and has left this host unless the link is cut. */
    public void migrate(FakeAgent target, boolean linkIsCut) {
        if (running == 0 || departing == 0 || answers.containsKey(departing) || target.receiving != departing) {
            return;
        }
        target.arrived = departing;
        target.done = done;
        if (target.home != home) {
            target.home.take(home);
        }
        if (linkIsCut) {
            answers.put(departing, Course.Stayed);
            departing = 0;
        } else {
            running = 0;
            guestLeft = true;
        }
    }

    /** The migration fails. */
    public void failToMigrate() {
        if (running > 0) {
            cancelMigration();
        }
    }

    /** From agent to agent, once it is on its own record. */
    public void sayThatGuestLeft(FakeAgent target) {
        if (departing > 0 && answers.get(departing) == Course.Left && target.receiving == departing) {
            target.reportedLeft = departing;
        }
    }

    private void receive(VMIncarnation incarnation, long epoch) {
        if (incarnation.getSpec().envelope() == null) {
            report(incarnation, Phase.Preparing, Reason.EnvelopeRefused, null);
        } else if (arrived == epoch
                && (reportedLeft == epoch || incarnation.getSpec().arrival().left())) {
            arrived = 0;
            receiving = 0;
            running = epoch;
            copyOf = epoch;
            lastEpoch = epoch;
            home.claim(epoch, done);
            report(incarnation, Phase.Running, Reason.Running, null);
        } else if (incarnation.getSpec().arrival().left()) {
            receiving = 0;
            ended.put(epoch, Exit.NeverRan);
            report(incarnation, Phase.Stopped, Reason.Stopped, Exit.NeverRan);
        } else if (incarnation.getSpec().arrival().copiesDisks() && copying != epoch && !home.isEmpty()) {
            report(incarnation, Phase.Preparing, Reason.FolderInTheWay, null);
        } else {
            sealLeftover(epoch);
            copying = incarnation.getSpec().arrival().copiesDisks() ? epoch : 0;
            receiving = epoch;
            report(incarnation, Phase.Receiving, Reason.Starting, null);
        }
    }

    private static boolean over(VMIncarnation incarnation) {
        return incarnation.getStatus() != null && incarnation.getStatus().exit() != null;
    }

    /** The last state of a guest that ran; an incarnation is over only once it is sealed. */
    private boolean sealsLast(VMIncarnation incarnation) {
        if (copyOf > 0 && (incarnation.getSpec().envelope() != null || home.isPast(copyOf))) {
            home.seal(copyOf, done);
            copyOf = 0;
        }
        return copyOf == 0;
    }

    /** A guest never starts from a leftover working copy. */
    private void sealLeftover(long epoch) {
        if (copyOf > 0 && copyOf < epoch) {
            home.seal(copyOf, done);
            copyOf = 0;
        }
    }

    private void prepare(VMIncarnation incarnation, long epoch) {
        if (incarnation.getSpec().envelope() == null) {
            report(incarnation, Phase.Preparing, Reason.EnvelopeRefused, null);
        } else if (home.isEmpty() && !incarnation.getSpec().firstStart()) {
            report(incarnation, Phase.Preparing, Reason.TpmStateMissing, null);
        } else {
            if (home.isEmpty()) {
                tpmsMade++;
                home.make(EndorsementKeys.ONE.digest());
            }
            sealLeftover(epoch);
            paused = epoch;
            done = home.content();
            copyOf = epoch;
            lastEpoch = epoch;
            home.claim(epoch, done);
            report(incarnation, Phase.Prepared, Reason.Starting, null);
        }
    }

    /** Reads the VM from the API server, not from a cache. */
    private void letRun(VMIncarnation incarnation, long epoch) {
        boolean owner = server.all(TrustedLaunchVM.class)
                .anyMatch(vm -> vm.getStatus() != null
                        && !vm.isMarkedForDeletion()
                        && vm.getStatus().epoch() != null
                        && vm.getStatus().epoch() == epoch
                        && node.equals(vm.getStatus().nodeName()));
        if (owner) {
            running = epoch;
            paused = 0;
            report(incarnation, Phase.Running, Reason.Running, null);
        }
    }

    private void report(VMIncarnation incarnation, Phase phase, Reason reason, Exit exit) {
        boolean known = phase != Phase.Preparing && phase != Phase.Receiving && (!home.isEmpty() || sealed.isPresent());
        VMIncarnationStatus status = VMIncarnationStatusBuilder.builder()
                .phase(phase)
                .reason(reason.name())
                .ekDigest(known ? home.tpm() : null)
                .ekPublic(known && !home.isEmpty() ? EndorsementKeys.ONE.toBase64() : null)
                .guestState(known ? guestState(exit) : null)
                .exit(exit)
                .departure(departure(incarnation.getSpec().epoch()))
                .build();
        if (!silent && !status.equals(incarnation.getStatus())) {
            incarnation.setStatus(status);
            server.replaceStatus(incarnation);
        }
    }

    private SealedState guestState(Exit exit) {
        sealed = home.newest().or(() -> sealed);
        return sealed.map(newest ->
                        new SealedState(newest, null, null, exit != null && copyOf == 0 && !holdsFolder, null))
                .orElse(null);
    }

    /** Of the last migration. */
    private VMIncarnationStatus.Departure departure(long epoch) {
        return answers.keySet().stream()
                .max(Comparator.naturalOrder())
                .filter(last -> last > epoch && last >= departing)
                .map(last -> VMIncarnationStatusDepartureBuilder.builder()
                        .epoch(last)
                        .nodeName(destination)
                        .course(answers.get(last))
                        .message("said so")
                        .build())
                .orElseGet(() -> departing > epoch
                        ? VMIncarnationStatusDepartureBuilder.builder()
                                .epoch(departing)
                                .nodeName(destination)
                                .course(Course.Underway)
                                .build()
                        : null);
    }
}
