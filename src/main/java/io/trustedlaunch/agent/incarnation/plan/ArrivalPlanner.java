package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.AwaitArrival;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordEnd;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ResumeArrived;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import java.util.Optional;

/**
 * How a guest comes from another host. It is let run only on that host's word that it has left there for good; before,
 * nothing is watched, sealed or claimed, for what is here may be half of it.
 */
final class ArrivalPlanner {
    private final IncarnationFacts facts;
    private final VmRecord record;

    private ArrivalPlanner(IncarnationFacts facts, VmRecord record) {
        this.facts = facts;
        this.record = record;
    }

    /** Empty: as any other life. So it is once its guest was let run. */
    static Optional<IncarnationStep> plan(IncarnationFacts facts) {
        if (facts.spec().arrival() == null || facts.superseded()) {
            return Optional.empty();
        }
        return facts.record()
                .found()
                .filter(record -> !record.erased()
                        && record.highestEpoch() == facts.epoch()
                        && record.exitOf(facts.epoch()).isEmpty())
                .flatMap(record -> new ArrivalPlanner(facts, record).plan());
    }

    private Optional<IncarnationStep> plan() {
        return facts.shouldRun() ? wanted() : unwanted();
    }

    private Optional<IncarnationStep> wanted() {
        if (facts.domain().isPresent()) {
            return domain(facts.domain().get());
        }
        if (facts.wasResumed(facts.epoch())) {
            return Optional.empty();
        }
        return Optional.of(
                facts.guestHasLeftSource() ? new RecordEnd(Exit.Crashed) : StartPlanner.planArrival(facts, record));
    }

    private Optional<IncarnationStep> domain(DomainInfo domain) {
        boolean arrived = domain.epoch() == facts.epoch() && domain.state() instanceof DomainState.Paused;
        if (!arrived || (facts.wasResumed(facts.epoch()) && facts.reportedRunning())) {
            return Optional.empty();
        }
        return Optional.of(mayRun() ? new ResumeArrived() : new AwaitArrival());
    }

    /** What stands still and is still being received is not whole. */
    private boolean mayRun() {
        return facts.wasResumed(facts.epoch())
                || (facts.guestHasLeftSource() && facts.underway().isEmpty());
    }

    /** A guest that is nowhere else is let run, so that it can end in an orderly way. One that stays elsewhere ends here. */
    private Optional<IncarnationStep> unwanted() {
        if (facts.wasResumed(facts.epoch())) {
            return Optional.empty();
        }
        boolean stands = facts.domain()
                .filter(domain -> domain.epoch() == facts.epoch() && domain.state() instanceof DomainState.Paused)
                .isPresent();
        if (stands && mayRun() && facts.spec().desiredState() != DesiredState.Erased) {
            return Optional.of(new ResumeArrived());
        }
        return facts.domain().isEmpty() ? Optional.of(new RecordEnd(neverRan())) : Optional.empty();
    }

    private Exit neverRan() {
        return facts.guestHasLeftSource() ? Exit.Crashed : Exit.NeverRan;
    }
}
