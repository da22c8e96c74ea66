package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.CutPower;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordEnd;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordEpoch;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Refuse;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RefuseLaterState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RefuseUnknownClaim;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportEnded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportPaused;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Resume;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ResumeIfDisksHaveSpace;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Wait;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Watch;
import io.trustedlaunch.agent.incarnation.record.RecordLookup.Damaged;
import io.trustedlaunch.agent.incarnation.record.RecordLookup.Found;
import io.trustedlaunch.agent.incarnation.record.RecordLookup.Missing;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.EpochProgress.Reached;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import java.time.Duration;
import java.util.Optional;

/** Plans the next step of one incarnation. {@link EndPlanner} plans its end. */
public final class IncarnationPlanner {
    /** The event with the reason comes after the domain has gone. */
    static final Duration STOP_EVENT_WITHIN = Duration.ofSeconds(2);

    private IncarnationPlanner() {}

    public static IncarnationStep plan(IncarnationFacts facts) {
        return DeparturePlanner.plan(facts)
                .or(() -> ArrivalPlanner.plan(facts))
                .orElseGet(() -> planIncarnation(facts));
    }

    private static IncarnationStep planIncarnation(IncarnationFacts facts) {
        // A later incarnation that was here once does not block a deletion, which is of the VM.
        boolean erases = facts.spec().desiredState() == DesiredState.Erased;
        if (erases && (!facts.laterIncarnationHere() || facts.isErased())) {
            return EndPlanner.planErased(facts);
        }
        if (facts.superseded()) {
            return EndPlanner.planSuperseded(facts);
        }
        return facts.shouldRun() ? planRunning(facts) : EndPlanner.planStopped(facts);
    }

    private static IncarnationStep planRunning(IncarnationFacts facts) {
        // A running guest is observed, not recalled: reporting it starts nothing.
        if (facts.runs()) {
            return facts.wasResumed() ? new Watch() : new RecordEpoch(facts.seen());
        }
        return switch (facts.record()) {
            case Damaged damaged -> planWithoutRecord(facts, damaged.message());
            case Missing missing -> planNewHere(facts);
            case Found(VmRecord record) -> planKnown(facts, record);
        };
    }

    private static IncarnationStep planNewHere(IncarnationFacts facts) {
        if (!facts.seen().isAtLeast(Reached.CLAIMED)) {
            return new RecordEpoch(facts.seen());
        }
        boolean nothingIsHere = facts.domain().isEmpty() && facts.workingCopy() == WorkingCopyState.NONE;
        Optional<GuestStateVersion> claim =
                facts.home().newest().filter(newest -> nothingIsHere && newest.epoch() == facts.epoch());
        if (claim.isPresent() && facts.reportedExit().isEmpty() && !facts.reportedRunning()) {
            return new RefuseUnknownClaim(claim.get());
        }
        return facts.home() instanceof HomeListing.Unseen(Reason reason, String message) && nothingIsHere
                ? new Refuse(reason, message)
                : planWithoutRecord(facts, "this node has no record of the VM, which was started before");
    }

    private static IncarnationStep planWithoutRecord(IncarnationFacts facts, String detail) {
        Optional<Exit> exit =
                facts.reportedExit().or(() -> facts.reportedRunning() ? Optional.of(Exit.Crashed) : Optional.empty());
        if (facts.domain().isEmpty() && exit.isPresent()) {
            return new ReportEnded(exit.get(), false);
        }
        Optional<GuestStateVersion> later =
                facts.home().newest().filter(newest -> facts.domain().isEmpty() && newest.epoch() > facts.epoch());
        if (later.isPresent()) {
            return new RefuseLaterState(later.get());
        }
        boolean nothingIsHere = facts.domain().isEmpty()
                && facts.workingCopy() == WorkingCopyState.NONE
                && facts.home().versions().isEmpty();
        if (nothingIsHere && facts.reportedTpm()) {
            return new Refuse(
                    Reason.TpmStateMissing,
                    "the VM's TPM, which this incarnation has reported, is neither on this node nor in its home, and no"
                            + " new one is made: the node's disk was set back. Restore the VM's guest-state files, then"
                            + " stop the VM (runStrategy: Halted) and start it again");
        }
        return new Refuse(
                Reason.MemoryLost,
                "the guest is not started because this incarnation may have run before: " + detail
                        + ". Stop the VM (runStrategy: Halted), then start it again");
    }

    private static IncarnationStep planKnown(IncarnationFacts facts, VmRecord record) {
        if (facts.isRecordBehind()) {
            return new RecordEpoch(facts.seen());
        }
        if (facts.domain().isPresent()) {
            return planDomain(facts, record, facts.domain().get());
        }
        Optional<Exit> exit = facts.own().exit();
        if (exit.isPresent()) {
            return EndPlanner.planOver(facts, record, exit.get());
        }
        if (facts.wasResumed()) {
            return planEnd(facts);
        }
        return facts.isForAnotherBoot() ? new RecordEnd(Exit.NeverRan) : StartPlanner.plan(facts, record);
    }

    private static IncarnationStep planDomain(IncarnationFacts facts, VmRecord record, DomainInfo domain) {
        if (domain.epoch() != facts.epoch()) {
            return planEarlierDomain(record, domain);
        }
        return switch (domain.state()) {
            case DomainState.Running running -> new Watch();
            case DomainState.ShuttingDown shuttingDown -> clearUnlessItRan(facts, domain, new Watch());
            case DomainState.Crashed crashed -> clearUnlessItRan(facts, domain, new CutPower(Exit.Crashed));
            case DomainState.ShutOff off -> clearUnlessItRan(facts, domain, new CutPower(exitOf(facts, off.reason())));
            case DomainState.Paused paused -> planPaused(facts, paused);
        };
    }

    /** @param ofAGuest for a domain whose guest may have run */
    static IncarnationStep clearUnlessItRan(IncarnationFacts facts, DomainInfo domain, IncarnationStep ofAGuest) {
        return facts.mayHaveRun(domain.epoch()) ? ofAGuest : new CutPower(Exit.NeverRan);
    }

    /** A domain that an earlier incarnation never resumed is removed; one that ran is not this incarnation's to end. */
    private static IncarnationStep planEarlierDomain(VmRecord record, DomainInfo domain) {
        if (domain.state() instanceof DomainState.Paused
                && !record.progress(domain.epoch()).hasRun()) {
            return new CutPower(Exit.NeverRan);
        }
        return new Refuse(
                Reason.EarlierIncarnationHere,
                "epoch " + domain.epoch()
                        + " of this VM still has a domain on this node; the start waits until it is gone");
    }

    /**
     * A paused guest that was reported as running was paused by something that needs attention. One that was not may have
     * been resumed or not, because the agent died in between: the start continues.
     */
    private static IncarnationStep planPaused(IncarnationFacts facts, DomainState.Paused paused) {
        if (!facts.wasResumed() || !facts.reportedRunning()) {
            return new Resume();
        }
        return switch (paused.reason()) {
            case IO_ERROR -> planFullDisk(facts);
            case CRASHED -> new ReportPaused("the guest crashed");
            case STARTING, REQUESTED, MIGRATION, OTHER ->
                new ReportPaused("the domain was paused through libvirt; resume it with virsh resume");
        };
    }

    private static IncarnationStep planFullDisk(IncarnationFacts facts) {
        String message = facts.diskFill().isPresent()
                ? "a disk of the guest cannot be written, or not be read from the backup that it is filled from: see the VM's"
                        + " condition about its disks, and check for free space in its storage location"
                : "a disk of the guest cannot be written: free or add space in its storage location";
        boolean reportedPaused = facts.reported()
                .map(status -> Reason.GuestPaused.name().equals(status.reason()))
                .orElse(false);
        return reportedPaused ? new ResumeIfDisksHaveSpace(message) : new ReportPaused(message);
    }

    /** The guest was resumed, and its domain is gone. */
    static IncarnationStep planEnd(IncarnationFacts facts) {
        boolean eventMayCome = facts.goneSince()
                .map(since -> facts.steady().isBefore(since.plus(STOP_EVENT_WITHIN)))
                .orElse(true);
        return facts.lastStop() == StopReason.UNKNOWN && eventMayCome
                ? new Wait(STOP_EVENT_WITHIN)
                : new RecordEnd(exitOf(facts, facts.lastStop()));
    }

    static Exit exitOf(IncarnationFacts facts, StopReason reason) {
        return switch (reason) {
            case GUEST_SHUTDOWN -> facts.wasStoppedForHostShutdown() ? Exit.HostShutdown : Exit.Shutdown;
            case DESTROYED -> facts.wasStoppedForHostShutdown() ? Exit.HostShutdown : Exit.PoweredOff;
            // Not seen: the host went down, or this agent was not running. Never taken for a clean end.
            case CRASHED, FAILED, MIGRATED, UNKNOWN -> Exit.Crashed;
        };
    }
}
