package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import io.trustedlaunch.placement.Allocated;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** An incarnation, as the operator reads it. */
public record Incarnation(VMIncarnation resource) {
    private static final Set<Exit> CLEAN = EnumSet.of(Exit.Shutdown, Exit.PoweredOff, Exit.HostShutdown);

    public long epoch() {
        return resource.getSpec().epoch();
    }

    public String node() {
        return resource.getSpec().nodeName();
    }

    public DesiredState desired() {
        return resource.getSpec().desiredState();
    }

    public Machine machine() {
        return resource.getSpec().machine();
    }

    public Allocated load() {
        return new Allocated(machine().cores(), machine().memoryBytes());
    }

    public boolean hasEnvelope() {
        return resource.getSpec().envelope() != null;
    }

    public boolean hasEscrow() {
        return resource.getSpec().escrow() != null;
    }

    /** An agent that has not answered yet has, as far as anyone knows, begun. */
    public Phase phase() {
        return status().map(VMIncarnationStatus::phase).orElse(Phase.Preparing);
    }

    public Optional<Exit> exit() {
        return status().map(VMIncarnationStatus::exit);
    }

    public Optional<String> ek() {
        return status().map(VMIncarnationStatus::ekDigest);
    }

    public EkReport ekReport() {
        return EkReport.of(status());
    }

    public Optional<VMIncarnationStatus> status() {
        return Optional.ofNullable(resource.getStatus());
    }

    /** What is at home, as its agent told it. What no life up to this one can have sealed is not believed. */
    Optional<SealedState> sealed() {
        return status().map(VMIncarnationStatus::guestState)
                .filter(state -> state.version() != null && state.version().epoch() <= epoch());
    }

    /** Nothing of the guest's state is left on the node that is not at home too. */
    public boolean endedComplete() {
        return isOver()
                && status().map(VMIncarnationStatus::guestState)
                        .filter(SealedState::complete)
                        .isPresent();
    }

    /** What no later life may fall behind: a complete end, or the claim that was made before the guest ran. */
    Optional<GuestStateVersion> floor() {
        return endedComplete() ? sealed().map(SealedState::version) : claim();
    }

    public Optional<GuestStateVersion> claim() {
        return sealed().filter(state -> state.version().epoch() == epoch())
                .map(state -> new GuestStateVersion(epoch(), 1L));
    }

    /** What of its VM's guest state came after this was changed while no agent watched, as its agent told it. */
    Optional<GuestStateVersion> lastWatched() {
        return sealed().map(SealedState::lastWatched).filter(last -> last.epoch() <= epoch());
    }

    /** The guest was shut down, or its power cut, by whoever wanted that, and all of its state is home. */
    boolean endedCleanly() {
        return endedComplete() && exit().filter(CLEAN::contains).isPresent();
    }

    public Optional<GuestStateVersion> approved() {
        return Optional.ofNullable(resource.getSpec().approvedGuestState());
    }

    /** What its agent said last was said of what is asked of it now. */
    public boolean hasAnswered() {
        return status().map(VMIncarnationStatus::observedGeneration)
                .equals(Optional.ofNullable(resource.getMetadata().getGeneration()));
    }

    public boolean isOver() {
        return phase() == Phase.Stopped || phase() == Phase.Erased;
    }

    public boolean isErased() {
        return phase() == Phase.Erased;
    }

    public boolean hasNotRunYet() {
        return phase() == Phase.Preparing || phase() == Phase.Receiving || phase() == Phase.Prepared;
    }

    /** For a life that takes over a guest. */
    public Optional<Arrival> arrival() {
        return Optional.ofNullable(resource.getSpec().arrival());
    }

    /** It was made for a guest from elsewhere, which it has not let run. */
    public boolean isComing() {
        return arrival().isPresent() && hasNotRunYet();
    }

    /** What its agent was told of the move to that epoch. */
    public Optional<VMIncarnationSpec.Departure> handed(long epoch) {
        return Optional.ofNullable(resource.getSpec().departure()).filter(departure -> departure.epoch() == epoch);
    }

    /** What its agent says of its last move, if that stands so. */
    public Optional<VMIncarnationStatus.Departure> departure(Course course) {
        return status().map(VMIncarnationStatus::departure).filter(departure -> departure.course() == course);
    }

    /** Its guest goes on elsewhere, and what it left here is not sealed and cleared away. */
    public boolean owesItsState() {
        return phase() == Phase.Stopped && exit().equals(Optional.of(Exit.Migrated)) && !endedComplete();
    }

    public boolean isFirstStart() {
        return resource.getSpec().firstStart();
    }

    /**
     * It was the first, it is over, its guest never ran, and no TPM of it is on record: nothing is lost if it is
     * forgotten. A life that followed others, or ended for another reason than that it was asked to, such as
     * EpochSuperseded, tells of a past.
     */
    public boolean leftNothingBehind() {
        return isFirstStart()
                && isOver()
                && exit().equals(Optional.of(Exit.NeverRan))
                && ek().isEmpty()
                && sealed().isEmpty()
                && status().map(VMIncarnationStatus::reason)
                        .orElse(Reason.Stopped.name())
                        .equals(Reason.Stopped.name());
    }
}
