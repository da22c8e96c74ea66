package io.trustedlaunch.agent.incarnation.report;

import io.trustedlaunch.agent.gueststate.GuestStateKeeper.Sealed;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper.Sight;
import io.trustedlaunch.agent.hypervisor.IpAddress;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.hypervisor.MigrationProgress.MemoryPass;
import io.trustedlaunch.agent.incarnation.state.Ek;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Departure;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.VMIncarnationStatusDepartureBuilder;
import io.trustedlaunch.api.VMMigrationStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is told of an incarnation; pure. A status is written whole, so that each carries on what was found before: the
 * endorsement key, the addresses and the guest state.
 */
public final class IncarnationStatus {
    private static final String LEFT_BEHIND =
            "; not all of its state is in its home: the VM starts again only on this node";

    private final VMIncarnation incarnation;
    private final Optional<VMIncarnationStatus> told;

    public IncarnationStatus(VMIncarnation incarnation) {
        this.incarnation = incarnation;
        this.told = Optional.ofNullable(incarnation.getStatus());
    }

    public VMIncarnationStatus receiving(String message) {
        return status(Phase.Receiving, Reason.Starting, message, null);
    }

    /** The guest came from another host, and runs; nothing was told of it before. */
    public VMIncarnationStatus takenOver(Ek ek, Optional<Sealed> newest) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(incarnation.getMetadata().getGeneration())
                .phase(Phase.Running)
                .reason(Reason.Running.name())
                .message("the guest runs")
                .ekDigest(ek.digest())
                .ekPublic(ek.publicArea())
                .networkInterfaces(interfaces(List.of()))
                .guestState(newest.map(this::sealedState).orElse(null))
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

    public VMIncarnationStatus stayed(long epoch, String nodeName, Reason reason, String message) {
        return withDeparture(
                told.orElseGet(() -> preparing(message)),
                VMIncarnationStatusDepartureBuilder.builder()
                        .epoch(epoch)
                        .nodeName(nodeName)
                        .course(Course.Stayed)
                        .reason(reason.name())
                        .message(message)
                        .build());
    }

    /** What the guest left here is another's, and is kept until this life is no longer wanted. */
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

    public VMIncarnationStatus prepared(Ek ek, Sealed claim) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(incarnation.getMetadata().getGeneration())
                .phase(Phase.Prepared)
                .reason(Reason.Starting.name())
                .message("the machine is ready; its guest has not run")
                .ekDigest(ek.digest())
                .ekPublic(ek.publicArea())
                .networkInterfaces(interfaces(List.of()))
                .guestState(sealedState(claim))
                .departure(told.map(VMIncarnationStatus::departure).orElse(null))
                .build();
    }

    /**
     * @param addresses as far as they are known: what was known before is kept while nobody says otherwise
     * @param sealing how far the guest state is home; empty where nobody knows
     */
    public VMIncarnationStatus running(List<IpAddress> addresses, Optional<Sight> sealing) {
        VMIncarnationStatus status = sealing.flatMap(Sight::trouble)
                .map(trouble -> status(Phase.Running, trouble.reason(), trouble.message(), null))
                .orElseGet(() -> status(Phase.Running, Reason.Running, "the guest runs", null));
        VMIncarnationStatus withState = sealing.flatMap(Sight::newest)
                .map(newest -> withGuestState(status, sealedState(newest)))
                .orElse(status);
        return addresses.isEmpty() ? withState : withInterfaces(withState, interfaces(addresses));
    }

    public VMIncarnationStatus paused(String message) {
        return status(Phase.Running, Reason.GuestPaused, message, null);
    }

    /** The guest has ended, and its last state cannot be brought home yet. */
    public VMIncarnationStatus stopping(Reason reason, String message) {
        return status(Phase.Stopping, reason, message, null);
    }

    /**
     * It stands where it stood, whatever becomes of what was left. What was told of the same end before stays.
     *
     * @param epoch the life that left it
     */
    public VMIncarnationStatus changedUnwatched(long epoch, GuestStateVersion last, Instant now) {
        VMIncarnationStatus status =
                told.orElseGet(() -> preparing("what an earlier life of the VM left is being sealed"));
        SealedState before = Optional.ofNullable(status.guestState())
                .orElseGet(() -> new SealedState(last, now.toString(), null, false, null));
        boolean toldBefore =
                lastWatched().filter(known -> known.epoch() == epoch).isPresent();
        return withGuestState(status, toldBefore ? before : before.withLastWatched(last));
    }

    private Optional<GuestStateVersion> lastWatched() {
        return told.map(VMIncarnationStatus::guestState).map(SealedState::lastWatched);
    }

    /**
     * @param newest what is home of this VM, as far as this node knows
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
                                .map(last -> "; what it left has changed after " + last
                                        + " was sealed, while no agent watched")
                                .orElse("")
                        + (complete ? "" : LEFT_BEHIND),
                exit);
        return withGuestState(status, lastState(newest, complete, now));
    }

    private SealedState lastState(Optional<GuestStateVersion> newest, boolean complete, Instant now) {
        Optional<SealedState> before = told.map(VMIncarnationStatus::guestState);
        // What was told of a complete end does not depend on a memory that can be lost.
        if (before.map(SealedState::complete).orElse(false) || newest.isEmpty()) {
            return before.orElse(null);
        }
        return before.filter(state -> newest.get().equals(state.version()))
                .map(state -> new SealedState(
                        state.version(), state.sealTime(), state.lagMilliseconds(), complete, state.lastWatched()))
                .orElseGet(() -> new SealedState(
                        newest.get(),
                        now.toString(),
                        null,
                        complete,
                        lastWatched().orElse(null)));
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
            case NeverRan -> "the guest was never let run";
            case Shutdown -> "the guest shut down";
            case Crashed -> "the guest crashed, or its host did";
            case HostShutdown -> "the guest was shut down with its host";
            case PoweredOff -> "the guest's power was cut";
            case Migrated -> "the guest goes on on another node";
        };
    }

    /** What was told of an end before stays: a life that ended is not told of again because another began. */
    public VMIncarnationStatus superseded(Exit exit) {
        boolean overBefore = told.map(VMIncarnationStatus::phase)
                .filter(phase -> phase == Phase.Stopped || phase == Phase.Erased)
                .isPresent();
        return overBefore
                ? told.get()
                : status(Phase.Stopped, Reason.EpochSuperseded, "a later epoch of this VM was seen on this node", exit);
    }

    public VMIncarnationStatus erased(Exit exit) {
        return status(Phase.Erased, Reason.Stopped, "nothing of the VM is left on this node", exit);
    }

    /** What keeps it from going on. It stands where it stood. */
    public VMIncarnationStatus hindered(Reason reason, String message) {
        return status(
                phaseWhenHindered(),
                reason,
                message,
                told.map(VMIncarnationStatus::exit).orElse(null));
    }

    private Phase phaseWhenHindered() {
        return told.map(VMIncarnationStatus::phase)
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
                .ekDigest(told.map(VMIncarnationStatus::ekDigest).orElse(null))
                .ekPublic(told.map(VMIncarnationStatus::ekPublic).orElse(null))
                .networkInterfaces(
                        told.map(VMIncarnationStatus::networkInterfaces).orElse(null))
                .guestState(told.map(VMIncarnationStatus::guestState).orElse(null))
                .exit(exit)
                .departure(told.map(VMIncarnationStatus::departure).orElse(null))
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
                Optional.ofNullable(incarnation.getSpec().machine().nics()).orElse(List.of());
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
