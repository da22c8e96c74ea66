package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.AwaitArrival;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RecordEnd;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ReportReceived;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.ResumeArrived;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import java.time.Duration;
import java.util.Optional;

/**
 * Plans how a guest arrives from another host. It is resumed only after that host has confirmed that it has left for
 * good. Until then nothing is watched, sealed or claimed, because the guest may be incomplete here.
 */
final class ArrivalPlanner {
    /** It usually takes less, and is then not worth a report. */
    static final Duration HANDOFF_WITHIN = Duration.ofSeconds(5);

    private final IncarnationFacts facts;
    private final VmRecord record;

    private ArrivalPlanner(IncarnationFacts facts, VmRecord record) {
        this.facts = facts;
        this.record = record;
    }

    /** Empty: planned as any other incarnation, as it is once its guest was resumed. */
    static Optional<IncarnationStep> plan(IncarnationFacts facts) {
        if (facts.spec().arrival() == null || facts.superseded() || facts.isRecordBehind()) {
            return Optional.empty();
        }
        return facts.record()
                .found()
                .filter(record -> record.highestEpoch() == facts.epoch()
                        && facts.own().exit().isEmpty())
                .flatMap(record -> new ArrivalPlanner(facts, record).plan());
    }

    private Optional<IncarnationStep> plan() {
        return facts.shouldRun() ? wanted() : unwanted();
    }

    private Optional<IncarnationStep> wanted() {
        if (facts.domain().isPresent()) {
            return domain(facts.domain().get());
        }
        if (facts.wasResumed()) {
            return Optional.empty();
        }
        return Optional.of(
                facts.guestHasLeftSource() ? new RecordEnd(Exit.NeverRan) : StartPlanner.planArrival(facts, record));
    }

    private Optional<IncarnationStep> domain(DomainInfo domain) {
        boolean arrived = domain.epoch() == facts.epoch() && domain.state() instanceof DomainState.Paused;
        if (!arrived || (facts.wasResumed() && facts.reportedRunning())) {
            return Optional.empty();
        }
        return Optional.of(facts.wasResumed() || isHandedOver() ? new ResumeArrived() : waiting());
    }

    private boolean isHandedOver() {
        return facts.guestHasLeftSource() && facts.isReceived();
    }

    private IncarnationStep waiting() {
        boolean isReported = facts.reported()
                .filter(status -> status.phase() == Phase.Received)
                .isPresent();
        boolean takesLong = facts.receivedSince()
                .filter(since -> !facts.steady().isBefore(since.plus(HANDOFF_WITHIN)))
                .isPresent();
        return facts.isReceived() && (isReported || takesLong) ? new ReportReceived() : new AwaitArrival();
    }

    /** A guest that has left its source is resumed, so that it can shut down. One that stays there ends here. */
    private Optional<IncarnationStep> unwanted() {
        if (facts.wasResumed()) {
            return Optional.empty();
        }
        if (isHandedOver() && facts.spec().desiredState() != DesiredState.Erased) {
            return Optional.of(new ResumeArrived());
        }
        return facts.domain().isEmpty() ? Optional.of(new RecordEnd(Exit.NeverRan)) : Optional.empty();
    }
}
