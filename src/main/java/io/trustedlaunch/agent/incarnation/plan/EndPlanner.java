package io.trustedlaunch.agent.incarnation.plan;

import static io.trustedlaunch.agent.incarnation.plan.IncarnationPlanner.clearUnlessItRan;

import io.trustedlaunch.agent.disks.DiskTransferMark;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.CutPower;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Erase;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.EraseWorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.KeepCopiedDisks;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.PressPowerButton;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordEnd;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordEpoch;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RemoveCopiedDisks;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportEnded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportErased;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportSuperseded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SealLastState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SetWorkingCopyAside;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Watch;
import io.trustedlaunch.agent.incarnation.record.ArrivalRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Plans how an incarnation ends. A lost record does not block the end: a new one is made, which takes the safe assumption
 * that this epoch ran, so that no incarnation up to it ever starts again.
 */
final class EndPlanner {
    private EndPlanner() {}

    /** That it is over is recorded before it is reported, also of one whose guest never ran. */
    static IncarnationStep planStopped(IncarnationFacts facts) {
        return planEnding(
                facts,
                (record, exit) -> facts.own().exit().isEmpty() ? new RecordEnd(exit) : planOver(facts, record, exit));
    }

    /** The state of a deleted VM is not sealed. */
    static IncarnationStep planErased(IncarnationFacts facts) {
        if (facts.isErased()) {
            return new ReportErased(facts.own().exit().orElse(Exit.NeverRan));
        }
        return planEnding(facts, (record, exit) -> new Erase(exit));
    }

    private static IncarnationStep planEnding(
            IncarnationFacts facts, BiFunction<VmRecord, Exit, IncarnationStep> whenOver) {
        if (facts.isRecordBehind()) {
            return new RecordEpoch(facts.seen());
        }
        if (facts.domain().isPresent()) {
            return end(facts, facts.domain().get());
        }
        if (facts.own().exit().isEmpty() && facts.wasResumed()) {
            return IncarnationPlanner.planEnd(facts);
        }
        return whenOver.apply(
                facts.record().found().orElseThrow(), facts.own().exit().orElse(Exit.NeverRan));
    }

    /** The domain is gone and its exit is recorded: the state that it left is sealed, then removed from this host. */
    static IncarnationStep planOver(IncarnationFacts facts, VmRecord record, Exit exit) {
        boolean there = facts.workingCopy() != WorkingCopyState.NONE;
        if (isArrivalThatStayed(facts, exit)) {
            return there ? new EraseWorkingCopy() : new RemoveCopiedDisks();
        }
        if (exit != Exit.NeverRan && hasCopiedDisks(facts) && hasOwnTransferMark(facts)) {
            return new KeepCopiedDisks();
        }
        if (there && record.copyOwner().isPresent()) {
            Optional<Long> unsealed = record.unsealedCopy();
            if (unsealed.isPresent() && facts.workingCopy() == WorkingCopyState.WHOLE) {
                return new SealLastState(unsealed.get());
            }
            boolean ran = record.copyOwner().equals(record.lastRun());
            if (!ran && exit == Exit.NeverRan && facts.guestHasLeftSource()) {
                // Its source has the same, if it is not lost, too.
                return new SetWorkingCopyAside();
            }
            boolean isHome = ran
                    ? unsealed.isEmpty()
                    // A copy that no guest ran with equals the state at home, or is the only state of a new TPM.
                    : facts.home().newest().isPresent();
            if (isHome) {
                return new EraseWorkingCopy();
            }
        }
        boolean ran = exit != Exit.NeverRan;
        return new ReportEnded(exit, ran && !there && facts.lost(record).isEmpty());
    }

    private static boolean hasOwnTransferMark(IncarnationFacts facts) {
        return facts.diskTransferMark()
                .filter(mark -> mark.equals(new DiskTransferMark(facts.spec().nodeName(), facts.epoch())))
                .isPresent();
    }

    /** The copies here are of no use: the guest never left its source. What has left it is kept until this object is gone. */
    private static boolean isArrivalThatStayed(IncarnationFacts facts, Exit exit) {
        return exit == Exit.NeverRan && hasCopiedDisks(facts) && !facts.guestHasLeftSource();
    }

    private static boolean hasCopiedDisks(IncarnationFacts facts) {
        return facts.own().arrival().flatMap(ArrivalRecord::copiedTo).isPresent();
    }

    /**
     * A superseded incarnation still stops its own domain. It never erases files, because they belong to the later
     * incarnation; an unfinished copy belongs to none.
     */
    static IncarnationStep planSuperseded(IncarnationFacts facts) {
        Optional<DomainInfo> own = facts.domain().filter(domain -> domain.epoch() == facts.epoch());
        if (own.isPresent()) {
            boolean keepsRunning = facts.shouldRun() && facts.runs();
            return keepsRunning ? new Watch() : end(facts, own.get());
        }
        Exit exit = facts.own()
                .exit()
                // This node remembers a later incarnation alone, since the object was gone; restored data has brought
                // it back.
                .or(() -> facts.reportedExit().filter(reported -> reported == Exit.Migrated))
                .orElse(facts.mayHaveRun(facts.epoch()) ? Exit.Crashed : Exit.NeverRan);
        if (facts.spec().desiredState() != DesiredState.Running && isArrivalThatStayed(facts, exit)) {
            return facts.own().exit().isEmpty() ? new RecordEnd(exit) : new RemoveCopiedDisks();
        }
        return exit == Exit.Migrated && isSealed(facts) ? new ReportEnded(exit, true) : new ReportSuperseded(exit);
    }

    /**
     * Its guest has migrated, and no state of it is only here. Any other incarnation stays incomplete, so that the VM stays
     * on the node that knows of the later one.
     */
    private static boolean isSealed(IncarnationFacts facts) {
        return facts.record()
                .found()
                .filter(record -> !facts.lost(record).equals(Optional.of(facts.epoch())))
                .isPresent();
    }

    private static IncarnationStep end(IncarnationFacts facts, DomainInfo domain) {
        return switch (domain.state()) {
            case DomainState.Running running -> askUntilDeadline(facts);
            case DomainState.ShuttingDown shuttingDown -> clearUnlessItRan(facts, domain, askUntilDeadline(facts));
            case DomainState.Paused paused -> clearUnlessItRan(facts, domain, endPaused(facts));
            case DomainState.Crashed crashed -> clearUnlessItRan(facts, domain, new CutPower(Exit.Crashed));
            case DomainState.ShutOff off ->
                clearUnlessItRan(facts, domain, new CutPower(IncarnationPlanner.exitOf(facts, off.reason())));
        };
    }

    /** A paused guest cannot react to the power button; one that was never reported as running is not waited for. */
    private static IncarnationStep endPaused(IncarnationFacts facts) {
        return facts.reportedRunning() ? askUntilDeadline(facts) : new CutPower(facts.poweredOff());
    }

    /** The present grace period counts from the first request, however often the agent was restarted. */
    private static IncarnationStep askUntilDeadline(IncarnationFacts facts) {
        Instant requested = facts.own()
                .shutdownRequested()
                // A clock that was set back must not extend the grace period.
                .filter(asked -> !asked.isAfter(facts.now()))
                .filter(asked -> isOfThisRequest(facts, asked))
                .orElse(facts.now());
        Duration grace = Duration.ofSeconds(facts.spec().terminationGracePeriodSeconds());
        Instant deadline = requested.plus(grace);
        // The host's clock may jump past the deadline.
        boolean goesOn = facts.now().isBefore(deadline)
                || facts.sinceAsked()
                        .filter(since -> since.compareTo(grace) < 0)
                        .isPresent();
        return goesOn ? new PressPowerButton(requested, deadline) : new CutPower(facts.poweredOff());
    }

    /** A host shutdown can be cancelled; a guest that ignored it has its whole grace period at the next one. */
    private static boolean isOfThisRequest(IncarnationFacts facts, Instant requested) {
        return !facts.stopsForHostShutdown()
                || facts.shutdownSince()
                        // A request in the future: the clock was set back and cannot be compared.
                        .filter(since -> since.isBefore(facts.now()) && requested.isBefore(since))
                        .isEmpty();
    }
}
