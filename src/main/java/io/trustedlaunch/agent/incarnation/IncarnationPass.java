package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.host.Backoff;
import io.trustedlaunch.agent.host.SteadyClock;
import io.trustedlaunch.agent.incarnation.plan.IncarnationActions;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.IncarnationPlanner;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep;
import io.trustedlaunch.agent.incarnation.plan.Requeue;
import io.trustedlaunch.agent.incarnation.report.IncarnationStatus;
import io.trustedlaunch.agent.incarnation.report.StatusReporter;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.order.Faults;
import io.trustedlaunch.agent.order.PassGuard;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes one incarnation as far as possible now: gather, plan, carry out, until it has to wait. */
public final class IncarnationPass {
    private static final Logger LOG = LoggerFactory.getLogger(IncarnationPass.class);

    /** More than any incarnation takes: plans that go in circles must not occupy the thread. */
    private static final int MAX_STEPS = 20;

    private final IncarnationGatherer gatherer;
    private final GuestStates states;
    private final IncarnationActions actions;
    private final StatusReporter reporter;
    private final AbandonedArrivals abandoned;
    private final ForgottenGuests forgotten;
    private final Backoff<StartFingerprint> backoff = new Backoff<>();
    private final SteadyClock steady;
    private final PassGuard<VMIncarnation> guard = new PassGuard<>(
            LOG, new Faults(Reason.StartFailed, Reason.StartFailed, "; the agent tries again"), new StartFailures());

    IncarnationPass(
            IncarnationGatherer gatherer,
            GuestStates states,
            IncarnationActions actions,
            StatusReporter reporter,
            AbandonedArrivals abandoned,
            ForgottenGuests forgotten,
            SteadyClock steady) {
        this.gatherer = gatherer;
        this.states = states;
        this.actions = actions;
        this.reporter = reporter;
        this.abandoned = abandoned;
        this.forgotten = forgotten;
        this.steady = steady;
    }

    /**
     * A pass over each incarnation of a VM, never twice at once for the same VM. Earlier ones come first, because what they
     * left may block a later one. Returns the time until the next pass; empty: after a change.
     *
     * @param cached from the informer, by epoch
     */
    public Optional<Duration> run(UUID vm, List<VMIncarnation> cached) {
        Optional<Duration> next = abandoned.clear(vm, cached) ? Optional.empty() : Optional.of(Requeue.RESYNC);
        return Stream.concat(
                        Stream.concat(next.stream(), forgotten.end(vm, cached).stream()),
                        cached.stream()
                                .map(incarnation -> run(
                                        incarnation, cached.getLast().getSpec().epoch())))
                .min(Comparator.naturalOrder());
    }

    /**
     * Returns the time until the next pass.
     *
     * @param cached from the informer
     * @param highestEpoch of all incarnations of its VM
     */
    public Duration run(VMIncarnation cached, long highestEpoch) {
        UUID vm;
        try {
            vm = UUID.fromString(cached.getSpec().vmRef().uid());
        } catch (IllegalArgumentException e) {
            LOG.error("{}: spec.vmRef.uid is not a UUID", cached.getMetadata().getName());
            return Requeue.RESYNC;
        }
        return guard.run(cached, () -> walk(cached, vm, highestEpoch));
    }

    private Duration walk(VMIncarnation cached, UUID vm, long highestEpoch) {
        for (int taken = 0; taken < MAX_STEPS; taken++) {
            VMIncarnation latest = reporter.latest(cached);
            IncarnationFacts facts = gatherer.gather(latest, vm, highestEpoch);
            IncarnationStep step = IncarnationPlanner.plan(facts);
            if (step instanceof IncarnationStep.StartStep) {
                Optional<Duration> remaining = backoff.remaining(
                        vm, Backoff.request(latest), facts.steady(), StartFingerprint.at(latest.getSpec(), vm));
                if (remaining.isPresent()) {
                    return remaining.get();
                }
            }
            LOG.debug("{}: {}", cached.getMetadata().getName(), step);
            states.observe(facts);
            if (step.carryOut(facts, actions) instanceof Requeue.After(Duration delay)) {
                backoff.forget(vm);
                return delay;
            }
        }
        LOG.error("{}: still not settled after {} steps", cached.getMetadata().getName(), MAX_STEPS);
        return PassGuard.AFTER_A_FAILURE;
    }

    private final class StartFailures implements PassGuard.Failures<VMIncarnation> {
        @Override
        public Duration delay(VMIncarnation cached, Problem problem, Exception cause) {
            return backoff.refused(
                    UUID.fromString(cached.getSpec().vmRef().uid()),
                    Backoff.request(reporter.latest(cached)),
                    last -> StartBackoff.after(problem.reason(), last),
                    steady.instant());
        }

        @Override
        public void report(VMIncarnation cached, Problem problem) {
            VMIncarnation latest = reporter.latest(cached);
            reporter.report(cached, new IncarnationStatus(latest).blocked(problem.reason(), problem.message()));
        }
    }
}
