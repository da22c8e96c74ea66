package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.EpochProgress;
import io.trustedlaunch.api.incarnation.EpochProgress.Reached;
import io.trustedlaunch.api.incarnation.NestedVirtualization;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.DevicePlaces;
import io.trustedlaunch.api.vm.SecureBootState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.placement.Allocated;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A VMIncarnation as the operator reads it. */
public record Incarnation(VMIncarnation resource) {
    private static final Set<Exit> CLEAN = EnumSet.of(Exit.Shutdown, Exit.PoweredOff, Exit.HostShutdown);

    /**
     * The target of a migration whose guest has stayed on its source. Whatever its node reports, it never ran: it was never let
     * go, and may say so because its record is damaged, or because it was taken over.
     */
    public static Incarnation ofTargetWithoutGuest(VMIncarnation target) {
        VMIncarnationStatus reported = target.getStatus();
        if (reported == null) {
            return new Incarnation(target);
        }
        boolean isOver = EpochProgress.reported(target).isOver();
        VMIncarnation corrected = new VMIncarnation();
        corrected.setMetadata(target.getMetadata());
        corrected.setSpec(target.getSpec());
        corrected.setStatus(VMIncarnationStatusBuilder.builder(reported)
                .phase(isOver ? reported.phase() : Phase.Receiving)
                .exit(isOver ? Exit.NeverRan : null)
                .ekDigest(null)
                .guestState(null)
                .build());
        return new Incarnation(corrected);
    }

    public long epoch() {
        return resource.getSpec().epoch();
    }

    public String node() {
        return resource.getSpec().nodeName();
    }

    public DesiredState desired() {
        return resource.getSpec().desiredState();
    }

    /** What the guest has, or is being given. */
    public Machine machine() {
        return resource.getSpec().machineNow();
    }

    public long requestedDevices() {
        return resource.requestedDevices();
    }

    public long appliedDevices() {
        return resource.appliedDevices();
    }

    public boolean lacksDevices() {
        return resource.lacksDevices();
    }

    public Optional<Problem> devicesProblem() {
        return resource.devicesProblem();
    }

    public Optional<Problem> discsProblem() {
        return resource.discsProblem();
    }

    /** Where the devices of its guest are, and those of the next one will be: on record, or as its agent reports it. */
    public List<DevicePlace> places() {
        return DevicePlaces.next(
                machine().diskBuses(),
                machine().places(),
                status().filter(reported -> hasRun())
                        .map(VMIncarnationStatus::places)
                        .orElse(List.of()));
    }

    /** The nested virtualization that its guest has; empty until its agent has reported it. */
    public Optional<NestedVirtualization> nested() {
        return status().map(VMIncarnationStatus::nested);
    }

    public int graceSeconds() {
        return resource.getSpec().terminationGracePeriodSeconds();
    }

    public Allocated allocated() {
        return new Allocated(machine().cores(), machine().memoryBytes());
    }

    public boolean hasEnvelope() {
        return resource.getSpec().envelope() != null;
    }

    /** @param sealingKey the identifier of the node's key; if it is unknown, the envelope could not be replaced */
    boolean hasEnvelopeFor(Optional<String> sealingKey) {
        return hasEnvelope()
                && sealingKey.map(key -> Envelope.isSealedTo(key, envelope())).orElse(true);
    }

    private byte[] envelope() {
        try {
            return Base64.getDecoder().decode(resource.getSpec().envelope());
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    public boolean hasEscrow() {
        return resource.getSpec().escrow() != null;
    }

    /** Its agent reports it. */
    private EpochProgress progress() {
        return EpochProgress.reported(resource);
    }

    /** Preparing until the agent reports: it may have begun. */
    public Phase phase() {
        return status().map(VMIncarnationStatus::phase).orElse(Phase.Preparing);
    }

    public Optional<Exit> exit() {
        return status().map(VMIncarnationStatus::exit);
    }

    public Optional<String> ek() {
        return status().map(VMIncarnationStatus::ekDigest);
    }

    public Optional<VMIncarnationStatus> status() {
        return resource.status();
    }

    Optional<SecureBootState> secureBoot() {
        return status().map(VMIncarnationStatus::secureBoot);
    }

    /** The guest state at home, as the agent reports it. A state of a later epoch is not believed. */
    public Optional<SealedState> sealed() {
        return status().map(VMIncarnationStatus::guestState)
                .filter(state -> state.version() != null && state.version().epoch() <= epoch());
    }

    /** The epoch of a state that its agent has found at home, and that is later than its own: the record was restored. */
    Optional<Long> foundLaterEpoch() {
        return status().map(VMIncarnationStatus::guestState)
                .map(SealedState::version)
                .map(GuestStateVersion::epoch)
                .filter(found -> found > epoch());
    }

    /** The incarnation is over, and all of the guest's state is at home. */
    public boolean endedComplete() {
        return progress().isSealed();
    }

    /**
     * The oldest state that a later incarnation may start from: of a complete end, or of the claim before the guest
     * ran.
     */
    Optional<GuestStateVersion> floor() {
        return endedComplete() ? sealed().map(SealedState::version) : claim();
    }

    public Optional<GuestStateVersion> claim() {
        return sealed().filter(state -> state.version().epoch() == epoch())
                .map(state -> new GuestStateVersion(epoch(), 1L));
    }

    /** The last version before the guest state changed while no agent watched, as the agent reports it. */
    Optional<GuestStateVersion> lastWatched() {
        return sealed().map(SealedState::lastWatched).filter(last -> last.epoch() <= epoch());
    }

    /** The NodeFences because of which it began. */
    public List<String> afterFences() {
        return resource.getSpec().afterFences();
    }

    /** Empty if it is malformed: only an administrator can have written that. */
    Optional<Instant> lastFailover() {
        try {
            return Optional.ofNullable(resource.getSpec().lastFailover()).map(Instant::parse);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** Its guest ran, as its agent reports it. */
    public boolean hasRun() {
        return progress().hasRun();
    }

    /** It is over, and its guest never ran. */
    public boolean neverRan() {
        return progress().neverRan();
    }

    /**
     * Its machine may be newer than those of all earlier ones. A target has its source's, as it was then, until its guest runs or is
     * given devices: if the guest has stayed, the source's is newer, also if the target's node never reports anything.
     */
    public boolean mayHaveNewestMachine() {
        return !neverRan()
                && (hasRun() || arrival().isEmpty() || resource.getSpec().devices() != null);
    }

    /** The state is its own. */
    public boolean hasTakenHome() {
        return progress().isAtLeast(Reached.CLAIMED);
    }

    /** It was the VM's first start, and ended before it had a state. */
    boolean leftNothingIn(Home home) {
        return epoch() == home.epoch()
                && node().equals(home.nodeName())
                && isFirstStart()
                && neverRan()
                && sealed().isEmpty();
    }

    /** Where the state is once this incarnation has taken it. */
    Home home() {
        return new Home(machine().location().name(), node(), epoch(), neverRan() || endedComplete(), cluster());
    }

    /**
     * The state in the home before it: one that its agent has found, or the one that it was to start from. It is not known
     * whether that is all.
     */
    Optional<Home> foundHome() {
        return sealed().map(SealedState::version)
                .filter(found -> found.epoch() < epoch())
                .or(() -> Optional.ofNullable(resource.getSpec().guestStateFloor()))
                .filter(found -> arrival().isEmpty())
                .map(found -> new Home(machine().location().name(), node(), found.epoch(), false, clusterOf(found)));
    }

    /** The one that its epoch is of. */
    private String cluster() {
        return resource.getSpec().cluster();
    }

    private String clusterOf(GuestStateVersion floor) {
        return Optional.ofNullable(resource.getSpec().recoveredFrom())
                .map(former -> former.clusterOf(floor.epoch(), cluster()))
                .orElseGet(this::cluster);
    }

    /** The guest was shut down or powered off on request, and all of its state is at home. */
    boolean endedCleanly() {
        return endedComplete() && exit().filter(CLEAN::contains).isPresent();
    }

    public Optional<GuestStateVersion> approved() {
        return Optional.ofNullable(resource.getSpec().approvedGuestState());
    }

    /** The last report of the agent is about the present spec. */
    public boolean hasAnswered() {
        return status().map(VMIncarnationStatus::observedGeneration)
                .equals(Optional.ofNullable(resource.getMetadata().getGeneration()));
    }

    /** The report that its agent makes before the guest runs was made to that leader. */
    boolean answers(String leader) {
        return status().map(VMIncarnationStatus::answers).equals(Optional.of(leader));
    }

    public boolean isOver() {
        return progress().isOver();
    }

    public boolean isErased() {
        return phase() == Phase.Erased;
    }

    /** Asked to erase, its agent has ended it, and leaves the VM's folder to a later incarnation, whose state is there. */
    public boolean leavesFolderToLater() {
        return status().map(VMIncarnationStatus::reason)
                .filter(Reason.HomeOfLaterEpoch.name()::equals)
                .isPresent();
    }

    /** And may still run. */
    public boolean hasNotRunYet() {
        return !isOver() && !hasRun();
    }

    /** Present if the incarnation takes over a running guest. */
    public Optional<Arrival> arrival() {
        return Optional.ofNullable(resource.getSpec().arrival());
    }

    /** It takes over a running guest, and has not resumed it yet. */
    public boolean isArriving() {
        return arrival().isPresent() && hasNotRunYet();
    }

    /** The migration to that epoch, as it was requested from the agent. */
    public Optional<VMIncarnationSpec.Departure> requestedDeparture(long epoch) {
        return Optional.ofNullable(resource.getSpec().departure()).filter(departure -> departure.epoch() == epoch);
    }

    /** The last migration as the agent reports it, if it has this course. */
    public Optional<VMIncarnationStatus.Departure> reportedDeparture(Course course) {
        return status().map(VMIncarnationStatus::departure).filter(departure -> departure.course() == course);
    }

    /** That its guest did not leave in the migration of that epoch: it was here in that one, or in a later one. */
    public Optional<VMIncarnationStatus.Departure> reportedStay(long epoch) {
        return reportedDeparture(Course.Stayed).filter(stayed -> stayed.epoch() >= epoch);
    }

    /** Its guest has migrated, and its node still has what it left: not sealed, or not known to be on the target. */
    public boolean keepsWhatItLeft() {
        return hasLeft() && !endedComplete();
    }

    /** Its guest has migrated. */
    public boolean hasLeft() {
        return phase() == Phase.Stopped && exit().equals(Optional.of(Exit.Migrated));
    }

    public boolean isFirstStart() {
        return resource.getSpec().firstStart();
    }
}
