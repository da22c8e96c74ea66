package io.trustedlaunch.agent.order;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.imagesource.TryLaterException;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.files.NoSpace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.util.Optional;
import org.slf4j.Logger;

/**
 * Why work on this host failed, for its report.
 *
 * @param hypervisor the reason of what the hypervisor refuses for no reason of its own
 * @param noDomain the reason if the VM's domain is gone
 * @param next what follows once the cause is mended, for the end of a message; may be empty
 * @param own what only some kinds of work can meet
 */
public record Faults(Reason hypervisor, Reason noDomain, String next, Own own) {
    /** An error that nobody has foreseen. */
    public static final Problem UNEXPECTED =
            new Problem(Reason.AgentFault, "the agent failed with an unexpected error; see its log on this node");

    /** Failures of one kind of work. */
    @FunctionalInterface
    public interface Own {
        /**
         * Empty if it is none of them.
         *
         * @param next for the end of the message
         */
        Optional<Problem> of(Exception failure, String next);
    }

    public Faults(Reason hypervisor, Reason noDomain, String next) {
        this(hypervisor, noDomain, next, (failure, then) -> Optional.empty());
    }

    /** Logs what nobody has foreseen. */
    public Problem of(Exception failure, Logger log, String name) {
        return of(failure).orElseGet(() -> {
            log.error("{}: unexpected error", name, failure);
            return UNEXPECTED;
        });
    }

    /** Empty if nobody has foreseen it. */
    public Optional<Problem> of(Exception failure) {
        return own.of(failure, next).or(() -> common(failure));
    }

    private Optional<Problem> common(Exception failure) {
        return switch (failure) {
            case LaterException e -> Optional.of(e.problem());
            case RefusedException e -> Optional.of(new Problem(e.reason(), e.getMessage()));
            case TryLaterException e -> Optional.of(new Problem(e.reason(), e.getMessage()));
            case HypervisorException e -> Optional.of(new Problem(reason(e), e.getMessage()));
            case UncheckedIOException e -> Optional.of(ofFile(e));
            case IOException e -> Optional.of(ofFile(e));
            case InvalidPathException e -> Optional.of(ofFile(e));
            default -> Optional.empty();
        };
    }

    private Reason reason(HypervisorException e) {
        if (NoSpace.isCauseOf(e)) {
            return Reason.NoSpace;
        }
        return switch (e.failure()) {
            case HypervisorFailure.Unavailable unavailable -> Reason.HypervisorUnavailable;
            case HypervisorFailure.TpmStateMissing missing -> Reason.TpmStateMissing;
            case HypervisorFailure.VariablesMissing missing -> Reason.UefiVariablesDamaged;
            case HypervisorFailure.NetworkMissing missing -> Reason.NetworkMissing;
            case HypervisorFailure.NetworkFilterMissing missing -> Reason.NetworkFilterMissing;
            case HypervisorFailure.OtherEpoch other -> Reason.EarlierIncarnationHere;
            case HypervisorFailure.DomainLost domain -> Reason.DomainLost;
            case HypervisorFailure.DomainMissing missing -> noDomain;
            case HypervisorFailure.BackupJobLost lost -> Reason.BackupJobLost;
            case HypervisorFailure.FirmwareMissing missing -> hypervisor;
            case HypervisorFailure.StartFailed failed -> hypervisor;
            case HypervisorFailure.StillThere still -> hypervisor;
            case HypervisorFailure.BackupUnderWay backup -> hypervisor;
            case HypervisorFailure.CheckpointUnusable checkpoint -> hypervisor;
            case HypervisorFailure.NoFreePort none -> hypervisor;
            case HypervisorFailure.NotWhileRunning never -> hypervisor;
            case HypervisorFailure.ScreenMissing missing -> hypervisor;
            case HypervisorFailure.ScreenBusy busy -> hypervisor;
            case HypervisorFailure.NoAnswer none -> hypervisor;
            case HypervisorFailure.OperationFailed failed -> hypervisor;
        };
    }

    private Problem ofFile(Exception e) {
        String cause = e.getCause() == null ? "" : String.valueOf(e.getCause().getMessage());
        String what = String.valueOf(e.getMessage());
        return new Problem(
                NoSpace.isCauseOf(e) ? Reason.NoSpace : Reason.HostFileFault,
                (what.contains(cause) ? what : what + ": " + cause) + "; " + NoSpace.nextStep(e, "check that disk")
                        + next);
    }
}
