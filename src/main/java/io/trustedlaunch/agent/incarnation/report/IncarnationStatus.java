package io.trustedlaunch.agent.incarnation.report;

import io.trustedlaunch.agent.gueststate.GuestStateKeeper.Sealed;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper.SealingState;
import io.trustedlaunch.agent.hypervisor.IpAddress;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.hypervisor.MigrationProgress.MemoryPass;
import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Departure;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusDepartureBuilder;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Interface;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * Builds the status of an incarnation; pure. A status is replaced as a whole, so that each keeps what was reported before:
 * the endorsement key, the addresses, what the guest says, the places of devices and the guest state.
 */
public final class IncarnationStatus {
    private static final String NOT_COMPLETE =
            "; its last state is not in its home: the VM can start again only on this node";

    private final VMIncarnation incarnation;
    private final Optional<VMIncarnationStatus> reported;

    public IncarnationStatus(VMIncarnation incarnation) {
        this.incarnation = incarnation;
        this.reported = incarnation.status();
    }

    public VMIncarnationStatus receiving(String message) {
        return status(Phase.Receiving, Reason.Starting, message, null);
    }

    public VMIncarnationStatus received(String nodeName) {
        return status(
                Phase.Received,
                Reason.Starting,
                "the whole guest is here and paused; it runs as soon as it is known that it has left " + nodeName,
                null);
    }

    /** The guest arrived from another host and runs, or runs and its status was lost: its TPM is not reported. */
    public VMIncarnationStatus arrived(Ek ek, Optional<Sealed> newest) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(incarnation.getMetadata().getGeneration())
                .phase(Phase.Running)
                .reason(Reason.Running.name())
                .message("the guest is running")
                .ekDigest(ek.digest())
                .ekPublic(ek.publicArea())
                .networkInterfaces(interfaces(List.of()))
                .guest(reported.map(VMIncarnationStatus::guest).orElse(null))
                .places(reported.map(VMIncarnationStatus::places).orElse(null))
                .nested(reported.map(VMIncarnationStatus::nested).orElse(null))
                .devices(reported.map(VMIncarnationStatus::devices).orElse(null))
                .guestState(newest.map(this::asReportedBefore).orElse(null))
                .secureBoot(reported.map(VMIncarnationStatus::secureBoot).orElse(null))
                .departure(reported.map(VMIncarnationStatus::departure).orElse(null))
                .build();
    }

    public VMIncarnationStatus underway(
            VMIncarnationStatus running, long epoch, String nodeName, Optional<MigrationProgress> progress) {
        Optional<MigrationProgress> known = progress.filter(now -> now.total() > 0);
        return withDeparture(
                running,
                VMIncarnationStatusDepartureBuilder.builder()
                        .epoch(epoch)
                        .nodeName(nodeName)
                        .course(Course.Underway)
                        .progressPercent(known.map(MigrationProgress::percent).orElse(null))
                        .transfer(known.map(IncarnationStatus::transfer).orElse(null))
                        .build());
    }

    private static VMMigrationStatus.Transfer transfer(MigrationProgress now) {
        return new VMMigrationStatus.Transfer(
                ByteSize.quantity(now.transferred()),
                ByteSize.quantity(now.remaining()),
                now.memory().map(MemoryPass::number).orElse(null),
                now.memory()
                        .map(MemoryPass::throttlePercent)
                        .filter(percent -> percent > 0)
                        .orElse(null));
    }

    public VMIncarnationStatus stayed(long epoch, String nodeName, Problem problem) {
        return withDeparture(
                reported.orElseGet(() -> preparing(problem.message())),
                VMIncarnationStatusDepartureBuilder.builder()
                        .epoch(epoch)
                        .nodeName(nodeName)
                        .course(Course.Stayed)
                        .reason(problem.reason().name())
                        .message(problem.message())
                        .build());
    }

    /** The guest has left; its files are kept until this incarnation is no longer wanted. */
    public VMIncarnationStatus left(long epoch, String nodeName, Optional<GuestStateVersion> newest, Instant now) {
        VMIncarnationStatus status = status(Phase.Stopped, Reason.Stopped, message(Exit.Migrated), Exit.Migrated);
        return withDeparture(
                withGuestState(status, lastState(newest, false, now)),
                VMIncarnationStatusDepartureBuilder.builder()
                        .epoch(epoch)
                        .nodeName(nodeName)
                        .course(Course.Left)
                        .build());
    }

    private static VMIncarnationStatus withDeparture(VMIncarnationStatus status, Departure departure) {
        return VMIncarnationStatusBuilder.builder(status).departure(departure).build();
    }

    VMIncarnationStatus preparing(String message) {
        return status(Phase.Preparing, Reason.Starting, message, null);
    }

    /** @param leader of the operator, as this agent knows it */
    public VMIncarnationStatus prepared(Ek ek, Sealed claim, String leader) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(incarnation.getMetadata().getGeneration())
                .phase(Phase.Prepared)
                .reason(Reason.Starting.name())
                .message("the machine is ready; its guest runs once the VM's status names this incarnation and its TPM")
                .ekDigest(ek.digest())
                .ekPublic(ek.publicArea())
                .answers(leader)
                .networkInterfaces(interfaces(List.of()))
                .guestState(asReportedBefore(claim))
                .departure(reported.map(VMIncarnationStatus::departure).orElse(null))
                .build();
    }

    /**
     * @param addresses empty: not known now, so that those reported before are kept
     * @param sealing how far the guest state is sealed; empty: not known
     * @param untilRestart what else is the matter until the VM is restarted
     * @param boot what the matter with the guest's boot is
     */
    public VMIncarnationStatus running(
            List<IpAddress> addresses,
            Optional<SealingState> sealing,
            VtpmState vtpm,
            Optional<Problem> untilRestart,
            Optional<Problem> boot) {
        VMIncarnationStatus status = new GuestProblems(incarnation)
                .of(vtpm, untilRestart, sealing.flatMap(SealingState::problem))
                .or(() -> boot)
                .map(trouble -> status(Phase.Running, trouble.reason(), trouble.message(), null))
                .orElseGet(() -> status(Phase.Running, Reason.Running, "the guest is running", null));
        VMIncarnationStatus withState = sealing.flatMap(SealingState::newest)
                .map(newest -> withGuestState(status, sealedState(newest)))
                .orElse(status);
        return addresses.isEmpty() ? withState : withInterfaces(withState, interfaces(addresses));
    }

    public VMIncarnationStatus paused(String message) {
        return status(Phase.Running, Reason.GuestPaused, message, null);
    }

    /** The guest was asked to shut down and runs on. */
    public VMIncarnationStatus shuttingDown(Instant deadline) {
        return status(
                Phase.Stopping,
                Reason.Stopping,
                "the guest has until " + deadline.truncatedTo(ChronoUnit.SECONDS) + " to shut down",
                null);
    }

    /** The guest has ended, and its last state cannot be sealed yet. */
    public VMIncarnationStatus stopping(Reason reason, String message) {
        return status(Phase.Stopping, reason, message, null);
    }

    /**
     * Adds the last watched version to the status, unless it was reported for the same epoch before.
     *
     * @param epoch the incarnation that left the state
     */
    public VMIncarnationStatus changedUnwatched(long epoch, GuestStateVersion last, Instant now) {
        VMIncarnationStatus status =
                reported.orElseGet(() -> preparing("the last state of an earlier incarnation is being sealed"));
        SealedState before = Optional.ofNullable(status.guestState())
                .orElseGet(() -> new SealedState(last, now.toString(), null, false, null));
        boolean reportedBefore =
                lastWatched().filter(known -> known.epoch() == epoch).isPresent();
        return withGuestState(status, reportedBefore ? before : before.withLastWatched(last));
    }

    /** The home has a state of a later epoch, which opens. */
    public VMIncarnationStatus found(GuestStateVersion later, Instant now) {
        VMIncarnationStatus status = reported.orElseGet(() -> preparing("the VM's home has a state of a later epoch"));
        boolean reportedBefore = Optional.ofNullable(status.guestState())
                .map(SealedState::version)
                .filter(later::equals)
                .isPresent();
        return reportedBefore
                ? status
                : withGuestState(status, new SealedState(later, now.toString(), null, false, null));
    }

    private Optional<GuestStateVersion> lastWatched() {
        return reported.map(VMIncarnationStatus::guestState).map(SealedState::lastWatched);
    }

    /**
     * @param newest the newest version in the home that this node knows of
     * @param complete see {@link SealedState}
     */
    public VMIncarnationStatus ended(Exit exit, Optional<GuestStateVersion> newest, boolean complete, Instant now) {
        Optional<GuestStateVersion> unwatched = lastWatched()
                .filter(last -> last.epoch().equals(incarnation.getSpec().epoch()));
        VMIncarnationStatus status = status(
                Phase.Stopped,
                unwatched.isPresent() ? Reason.GuestStateChangedUnwatched : Reason.Stopped,
                message(exit)
                        + unwatched
                                .map(last ->
                                        "; its state was changed after " + last + " was sealed, while no agent watched")
                                .orElse("")
                        + (complete || exit == Exit.NeverRan ? "" : NOT_COMPLETE),
                exit);
        return withGuestState(status, lastState(newest, complete, now));
    }

    private SealedState lastState(Optional<GuestStateVersion> newest, boolean complete, Instant now) {
        Optional<SealedState> before = reported.map(VMIncarnationStatus::guestState);
        // Neither a complete end that was reported nor a state of a later epoch depends on a record that can be lost.
        boolean stays = before.filter(state -> state.complete()
                        || state.version().epoch() > incarnation.getSpec().epoch())
                .isPresent();
        if (stays) {
            return before.get();
        }
        return newest.filter(last -> last.epoch() <= incarnation.getSpec().epoch())
                .filter(last ->
                        before.map(SealedState::version).filter(last::equals).isEmpty())
                .map(last -> new SealedState(
                        last, now.toString(), null, complete, lastWatched().orElse(null)))
                .or(() -> before.map(state -> new SealedState(
                        state.version(), state.sealTime(), state.lagMilliseconds(), complete, state.lastWatched())))
                .orElse(null);
    }

    /** Makes a repeated report say nothing new, so that it is not written again. */
    private SealedState asReportedBefore(Sealed sealed) {
        return reported.map(VMIncarnationStatus::guestState)
                .filter(state -> sealed.version().equals(state.version()))
                .orElseGet(() -> sealedState(sealed));
    }

    private SealedState sealedState(Sealed sealed) {
        return new SealedState(
                sealed.version(),
                sealed.at().toString(),
                sealed.lag().map(Duration::toMillis).orElse(null),
                false,
                lastWatched().orElse(null));
    }

    private static String message(Exit exit) {
        return switch (exit) {
            case NeverRan -> "the guest never ran";
            case Shutdown -> "the guest shut down";
            case Crashed -> "the guest or its host crashed";
            case HostShutdown -> "the guest was shut down because its host shuts down";
            case PoweredOff -> "the guest's power was cut";
            case Migrated -> "the guest continues on another node";
        };
    }

    /** An end that was reported before is not changed by a later incarnation. */
    public VMIncarnationStatus superseded(Exit exit) {
        boolean endReported = reported.map(VMIncarnationStatus::phase)
                .filter(phase -> phase == Phase.Stopped || phase == Phase.Erased)
                .isPresent();
        return endReported
                ? reported.get()
                : status(Phase.Stopped, Reason.EpochSuperseded, "this node has seen a later epoch of this VM", exit);
    }

    public VMIncarnationStatus erased(Exit exit) {
        return status(Phase.Erased, Reason.Stopped, "nothing of the VM is left on this node", exit);
    }

    /** Reports a problem; the phase stays as it was. */
    public VMIncarnationStatus blocked(Reason reason, String message) {
        return status(
                phaseWhenBlocked(),
                reason,
                message,
                reported.map(VMIncarnationStatus::exit).orElse(null));
    }

    /** Withdraws a problem that was reported while the machine was being made; empty: there is none. */
    public Optional<VMIncarnationStatus> unblocked() {
        return reported.filter(status -> status.phase() == Phase.Preparing
                        && !Reason.Starting.name().equals(status.reason()))
                .map(status -> preparing("the machine is being made"));
    }

    private Phase phaseWhenBlocked() {
        return reported.map(VMIncarnationStatus::phase)
                .orElse(
                        incarnation.getSpec().desiredState() == DesiredState.Running
                                ? Phase.Preparing
                                : Phase.Stopping);
    }

    private VMIncarnationStatus status(Phase phase, Reason reason, String message, Exit exit) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(incarnation.getMetadata().getGeneration())
                .phase(phase)
                .reason(reason.name())
                .message(message)
                .ekDigest(reported.map(VMIncarnationStatus::ekDigest).orElse(null))
                .ekPublic(reported.map(VMIncarnationStatus::ekPublic).orElse(null))
                .networkInterfaces(
                        reported.map(VMIncarnationStatus::networkInterfaces).orElse(null))
                .guest(reported.map(VMIncarnationStatus::guest).orElse(null))
                .places(reported.map(VMIncarnationStatus::places).orElse(null))
                .nested(reported.map(VMIncarnationStatus::nested).orElse(null))
                .devices(reported.map(VMIncarnationStatus::devices).orElse(null))
                .guestState(reported.map(VMIncarnationStatus::guestState).orElse(null))
                .secureBoot(reported.map(VMIncarnationStatus::secureBoot).orElse(null))
                .exit(exit)
                .departure(reported.map(VMIncarnationStatus::departure).orElse(null))
                .build();
    }

    static VMIncarnationStatus withGuestState(VMIncarnationStatus status, SealedState guestState) {
        return VMIncarnationStatusBuilder.builder(status).guestState(guestState).build();
    }

    private static VMIncarnationStatus withInterfaces(VMIncarnationStatus status, List<Interface> interfaces) {
        return VMIncarnationStatusBuilder.builder(status)
                .networkInterfaces(interfaces)
                .build();
    }

    private List<Interface> interfaces(List<IpAddress> addresses) {
        List<Nic> nics =
                Optional.ofNullable(incarnation.getSpec().machineNow().nics()).orElse(List.of());
        return nics.isEmpty()
                ? null
                : nics.stream().map(nic -> withAddresses(nic, addresses)).toList();
    }

    /** Sorted, so that the same addresses are the same status. */
    private static Interface withAddresses(Nic nic, List<IpAddress> addresses) {
        List<String> own = addresses.stream()
                .filter(address -> address.mac().equalsIgnoreCase(nic.mac()))
                .map(IpAddress::text)
                .distinct()
                .sorted()
                .toList();
        return new Interface(nic.name(), nic.mac(), own);
    }
}
