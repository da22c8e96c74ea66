package io.trustedlaunch.agent.incarnation;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.host.Backoff;
import io.trustedlaunch.agent.incarnation.plan.IncarnationActions;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.IncarnationPlanner;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep;
import io.trustedlaunch.agent.incarnation.plan.Requeue;
import io.trustedlaunch.agent.incarnation.report.IncarnationStatus;
import io.trustedlaunch.agent.incarnation.report.StatusReporter;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.agent.order.Faults;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.process.LogFields;
import io.trustedlaunch.process.SteadyClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes one incarnation as far as possible now: gather, plan, carry out, until it has to wait. */
public final class IncarnationPass {
    private static final Logger LOG = LoggerFactory.getLogger(IncarnationPass.class);

    private static final Faults FAULTS = new Faults(Reason.StartFailed, Reason.StartFailed, "; the agent tries again");
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(10);

    /** More than any incarnation takes: plans that go in circles must not occupy the thread. */
    private static final int MAX_STEPS = 20;

    private final IncarnationGatherer gatherer;
    private final GuestStates states;
    private final IncarnationActions actions;
    private final StatusReporter reporter;
    private final AbandonedArrivals abandoned;
    private final ForgottenGuests forgotten;
    private final Backoff<StartFingerprint> backoff = new Backoff<>();
    private final BiConsumer<String, Duration> steps;
    private final SteadyClock steady;

    IncarnationPass(
            IncarnationGatherer gatherer,
            GuestStates states,
            IncarnationActions actions,
            StatusReporter reporter,
            AbandonedArrivals abandoned,
            ForgottenGuests forgotten,
            BiConsumer<String, Duration> steps,
            SteadyClock steady) {
        this.gatherer = gatherer;
        this.states = states;
        this.actions = actions;
        this.reporter = reporter;
        this.abandoned = abandoned;
        this.forgotten = forgotten;
        this.steps = steps;
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
        try (LogFields fields = fieldsOf(cached.getSpec())) {
            return walk(cached, vm, highestEpoch);
        } catch (KubernetesClientException e) {
            warnOfReport(cached, e);
            return AFTER_A_FAILURE;
        } catch (RuntimeException e) {
            return failed(cached, vm, FAULTS.of(e, LOG, cached.getMetadata().getName()));
        }
    }

    private static LogFields fieldsOf(VMIncarnationSpec spec) {
        VMIncarnationSpec.VmRef vm = spec.vmRef();
        return LogFields.ofVm(vm.namespace(), vm.name(), Optional.of(spec.epoch()), Optional.of(spec.nodeName()));
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
            Instant before = steady.instant();
            Requeue then = step.carryOut(facts, actions);
            steps.accept(step.getClass().getSimpleName(), Duration.between(before, steady.instant()));
            if (then instanceof Requeue.After(Duration delay)) {
                backoff.forget(vm);
                return delay;
            }
        }
        LOG.error("{}: still not settled after {} steps", cached.getMetadata().getName(), MAX_STEPS);
        return AFTER_A_FAILURE;
    }

    private Duration failed(VMIncarnation cached, UUID vm, Problem problem) {
        LOG.warn("{}: {}: {}", cached.getMetadata().getName(), problem.reason(), problem.message());
        VMIncarnation latest = reporter.latest(cached);
        Duration delay = backoff.refused(
                vm, Backoff.request(latest), last -> StartBackoff.after(problem.reason(), last), steady.instant());
        try {
            reporter.report(cached, new IncarnationStatus(latest).blocked(problem.reason(), problem.message()));
        } catch (KubernetesClientException e) {
            warnOfReport(cached, e);
        }
        return problem.equals(Faults.UNEXPECTED) ? AFTER_A_FAILURE : delay;
    }

    private static void warnOfReport(VMIncarnation incarnation, KubernetesClientException e) {
        LOG.warn(
                "{}: the API server did not accept the status: {}",
                incarnation.getMetadata().getName(),
                e.getMessage());
    }
}
