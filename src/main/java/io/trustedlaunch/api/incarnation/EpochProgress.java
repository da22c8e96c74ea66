package io.trustedlaunch.api.incarnation;

import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.GuestState;
import java.util.Optional;

/**
 * How far the incarnation of an epoch has come, as one memory has it: its status, the VM's status, its node's record, or the VM's
 * home. It never falls: the truth is the highest of them, and a memory that is below another was set back. A node writes its
 * record before each step and everything else after it. An incarnation can end wherever it is, so its end is a scale of its own:
 * one that ended without having run is not above one that runs.
 *
 * @param reached how far its guest came
 * @param end how far its end came
 */
public record EpochProgress(Reached reached, End end) {
    /** How far a guest came. */
    public enum Reached {
        /** Nothing is known of the incarnation. */
        NOTHING,
        /** Its node knows that it is to come. */
        SEEN,
        /** Something was made for a guest that is to arrive. */
        PREPARED,
        /** Its TPM is known, and the VM's home is its own. */
        CLAIMED,
        /** The guest runs, or ran. */
        RESUMED
    }

    /** How far the end of an incarnation came. */
    public enum End {
        OPEN,
        /** It never runs again. */
        ENDED,
        /** And its guest's last state is at home. */
        SEALED,
        /** Nothing of it is left on its node. */
        ERASED
    }

    public static final EpochProgress NOTHING = new EpochProgress(Reached.NOTHING, End.OPEN);

    /** The progress in the incarnation's status, which its node writes. */
    public static EpochProgress reported(VMIncarnation incarnation) {
        VMIncarnationStatus status = incarnation.getStatus();
        return status == null
                ? new EpochProgress(Reached.SEEN, End.OPEN)
                : new EpochProgress(reached(status, incarnation.getSpec().epoch()), end(status));
    }

    private static Reached reached(VMIncarnationStatus status, long epoch) {
        boolean claimed = status.ekDigest() != null
                || Optional.ofNullable(status.guestState())
                        .map(SealedState::version)
                        .filter(version -> version.epoch() == epoch)
                        .isPresent();
        Reached atLeast = claimed ? Reached.CLAIMED : Reached.SEEN;
        return switch (phase(status)) {
            case Preparing, Prepared -> atLeast;
            case Receiving, Received -> Reached.PREPARED;
            case Running -> Reached.RESUMED;
            // One that never ran waits, too, while an earlier guest's last state cannot be sealed.
            case Stopping -> claimed ? Reached.RESUMED : Reached.SEEN;
            case Stopped, Erased -> status.exit() == Exit.NeverRan ? atLeast : Reached.RESUMED;
        };
    }

    /** An agent that reports nothing may have begun. */
    private static Phase phase(VMIncarnationStatus status) {
        return Optional.ofNullable(status.phase()).orElse(Phase.Preparing);
    }

    private static End end(VMIncarnationStatus status) {
        if (status.phase() == Phase.Erased) {
            return End.ERASED;
        }
        if (status.phase() != Phase.Stopped) {
            return End.OPEN;
        }
        return status.guestState() != null && status.guestState().complete() ? End.SEALED : End.ENDED;
    }

    /** The progress in the VM's status: its endorsement key, where its home is, and which states are too old. */
    public static EpochProgress onRecord(TrustedLaunchVM vm, VMIncarnationSpec incarnation) {
        Optional<TrustedLaunchVMStatus> status = vm.status();
        Optional<GuestState> state = status.map(TrustedLaunchVMStatus::guestState);
        boolean isSealed = state.map(GuestState::home)
                .filter(home -> home.complete() && incarnation.epoch().equals(home.epoch()))
                .isPresent();
        boolean isClaimed = state.map(GuestState::floor)
                        .filter(floor -> floor.epoch() >= incarnation.epoch())
                        .isPresent()
                || (incarnation.firstStart()
                        && status.map(TrustedLaunchVMStatus::vTPM).isPresent());
        if (!isClaimed) {
            return NOTHING;
        }
        return isSealed ? new EpochProgress(Reached.RESUMED, End.SEALED) : new EpochProgress(Reached.CLAIMED, End.OPEN);
    }

    /** The highest of both memories. */
    public EpochProgress and(EpochProgress other) {
        return new EpochProgress(
                isAtLeast(other.reached) ? reached : other.reached, end.compareTo(other.end) >= 0 ? end : other.end);
    }

    /** The other memory knows more; what an incarnation made that is over does not count, but whether its guest ran does. */
    public boolean isBehind(EpochProgress other) {
        return (other.hasRun() && !hasRun()) || (!isOver() && (other.isOver() || !isAtLeast(other.reached)));
    }

    /** The progress by a memory that was written after each step: the next one may have been taken since. */
    public EpochProgress assumed() {
        return reached == Reached.CLAIMED && !isOver() ? new EpochProgress(Reached.RESUMED, end) : this;
    }

    public boolean isAtLeast(Reached other) {
        return reached.compareTo(other) >= 0;
    }

    /** Its guest runs, or ran. */
    public boolean hasRun() {
        return reached == Reached.RESUMED;
    }

    /** It never runs again. */
    public boolean isOver() {
        return end != End.OPEN;
    }

    /** It is over, and its guest's last state is at home, or nothing of it is left. */
    public boolean isSealed() {
        return end.compareTo(End.SEALED) >= 0;
    }

    /** It is over, and its guest never ran. */
    public boolean neverRan() {
        return isOver() && !hasRun();
    }
}
