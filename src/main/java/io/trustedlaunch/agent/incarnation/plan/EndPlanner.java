package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.CutPower;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Erase;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.EraseCopy;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.PressPowerButton;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RememberEpoch;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RemoveCopies;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SealLast;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SetCopyAside;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.StandBack;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.TellEnded;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.TellErased;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Watch;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Arrival;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * How a life is brought to its end. A lost record holds up no end: it is begun anew, and says of this epoch what is
 * safe, that it ran; no life up to it ever starts again.
 */
final class EndPlanner {
    private EndPlanner() {}

    static IncarnationStep planStopped(IncarnationFacts facts) {
        return planEnding(facts, (record, exit) -> planOver(facts, record, exit));
    }

    /** Nothing is sealed of what is to be erased. */
    static IncarnationStep planErased(IncarnationFacts facts) {
        if (facts.memory().known().map(VmRecord::erased).orElse(false)) {
            return new TellErased(exit(facts).orElse(Exit.NeverRan));
        }
        return planEnding(facts, (record, exit) -> new Erase(exit));
    }

    private static IncarnationStep planEnding(
            IncarnationFacts facts, BiFunction<VmRecord, Exit, IncarnationStep> whenOver) {
        Optional<VmRecord> record = facts.memory().known();
        if (record.isEmpty()) {
            return new RememberEpoch(!facts.looksNew());
        }
        if (record.get().highestEpoch() < facts.epoch()) {
            return new RememberEpoch(false);
        }
        if (facts.domain().isPresent()) {
            return end(facts, facts.domain().get());
        }
        if (exit(facts).isEmpty() && facts.wasLetRun(facts.epoch())) {
            return IncarnationPlanner.planEnd(facts);
        }
        return whenOver.apply(record.get(), exit(facts).orElse(Exit.NeverRan));
    }

    /** The domain is gone, and how it ended is remembered: what it left goes home, and then from this host. */
    static IncarnationStep planOver(IncarnationFacts facts, VmRecord record, Exit exit) {
        boolean there = facts.tpm() != WorkingCopyState.NONE;
        if (isOfAGuestThatStayed(facts, record, exit)) {
            return there ? new EraseCopy() : new RemoveCopies();
        }
        long owner = record.state().copyEpoch();
        if (there && owner != 0) {
            boolean ran = record.resumedEpoch() == owner;
            if (ran && record.lacksLastState() && facts.tpm() == WorkingCopyState.WHOLE) {
                return new SealLast(owner);
            }
            if (!ran && exit == Exit.Crashed && facts.spec().arrival() != null) {
                // It left where it came from and was lost before its home was claimed: there may be nothing newer.
                return new SetCopyAside();
            }
            boolean isHome = ran
                    ? !record.lacksLastState()
                    // One that no guest ran with is what home has, or a TPM that is nowhere else.
                    : facts.home().newest().isPresent();
            if (isHome) {
                return new EraseCopy();
            }
        }
        return new TellEnded(exit, !there && !facts.lacksLastState(record));
    }

    /** What is here was to become the disks and the TPM of a guest that has both where it is. */
    private static boolean isOfAGuestThatStayed(IncarnationFacts facts, VmRecord record, Exit exit) {
        Arrival arrival = record.move().arrival();
        return exit == Exit.NeverRan
                && arrival != null
                && arrival.epoch() == facts.epoch()
                && arrival.copiedTo() != null
                && !facts.guestHasLeftForHere();
    }

    /**
     * A later life is known, and decides; but a domain of this one, which is to stop, is this one's to stop. It is never
     * this one's to erase: the files are the later life's.
     */
    static IncarnationStep planSuperseded(IncarnationFacts facts) {
        Optional<DomainInfo> own = facts.domain().filter(domain -> domain.epoch() == facts.epoch());
        if (own.isPresent()) {
            boolean goesOn = facts.isToRun() && IncarnationPlanner.runs(facts);
            return goesOn ? new Watch() : end(facts, own.get());
        }
        return new StandBack(exit(facts).orElse(facts.wasLetRun(facts.epoch()) ? Exit.Crashed : Exit.NeverRan));
    }

    private static IncarnationStep end(IncarnationFacts facts, DomainInfo domain) {
        return switch (domain.state()) {
            case DomainState.Crashed crashed -> new CutPower(Exit.Crashed);
            case DomainState.ShutOff off -> new CutPower(IncarnationPlanner.exitOf(facts, off.reason()));
            case DomainState.Paused paused -> endPaused(facts, domain);
            case DomainState.Running running -> askUntilDeadline(facts);
            case DomainState.ShuttingDown shuttingDown -> askUntilDeadline(facts);
        };
    }

    /** A guest that stands still hears no power button; one that nobody was told of is not waited for. */
    private static IncarnationStep endPaused(IncarnationFacts facts, DomainInfo domain) {
        if (!facts.wasLetRun(domain.epoch())) {
            return new CutPower(Exit.NeverRan);
        }
        return facts.toldRunning() ? askUntilDeadline(facts) : new CutPower(poweredOff(facts));
    }

    /** The deadline stands since the first request, however often the agent was restarted. */
    private static IncarnationStep askUntilDeadline(IncarnationFacts facts) {
        Duration grace = Duration.ofSeconds(facts.spec().machine().terminationGracePeriodSeconds());
        Instant latest = facts.now().plus(grace);
        Instant deadline = facts.memory()
                .known()
                .flatMap(record -> record.deadlineOf(facts.epoch()))
                // A clock that was set back must not lend the guest more than its grace.
                .filter(kept -> kept.isBefore(latest))
                .filter(kept -> isOfThisRequest(facts, kept.minus(grace)))
                .orElse(latest);
        return facts.now().isBefore(deadline) ? new PressPowerButton(deadline) : new CutPower(poweredOff(facts));
    }

    /** A shutdown of the host can be called off; a guest that did not obey has its whole grace at the next one. */
    private static boolean isOfThisRequest(IncarnationFacts facts, Instant asked) {
        return !facts.isEndedByHost()
                || facts.shutdownSince()
                        // A request of the future: the clock was set back, and says nothing.
                        .filter(since -> since.isBefore(facts.now()) && asked.isBefore(since))
                        .isEmpty();
    }

    private static Exit poweredOff(IncarnationFacts facts) {
        return facts.isEndedByHost() ? Exit.HostShutdown : Exit.PoweredOff;
    }

    private static Optional<Exit> exit(IncarnationFacts facts) {
        return facts.memory().known().flatMap(record -> record.exitOf(facts.epoch()));
    }
}
