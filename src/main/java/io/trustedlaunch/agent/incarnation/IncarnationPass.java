package io.trustedlaunch.agent.incarnation;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.host.Backoff;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationActions;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.plan.IncarnationPlanner;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep;
import io.trustedlaunch.agent.incarnation.plan.Requeue;
import io.trustedlaunch.agent.incarnation.report.IncarnationStatus;
import io.trustedlaunch.agent.incarnation.report.StatusReporter;
import io.trustedlaunch.agent.incarnation.state.GuestStates;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes one incarnation as far as possible now: gather, plan, carry out, until it has to wait. */
public final class IncarnationPass {
    private static final Logger LOG = LoggerFactory.getLogger(IncarnationPass.class);

    /** More than any incarnation takes: plans that go in circles must not occupy the thread. */
    private static final int MAX_STEPS = 20;

    private static final Duration AFTER_A_FAULT = Duration.ofSeconds(10);

    private final IncarnationGatherer gatherer;
    private final GuestStates states;
    private final IncarnationActions actions;
    private final StatusReporter teller;
    private final Backoff<StartFingerprint> patience = new Backoff<>();
    private final InstantSource clock;

    IncarnationPass(
            IncarnationGatherer gatherer,
            GuestStates states,
            IncarnationActions actions,
            StatusReporter teller,
            InstantSource clock) {
        this.gatherer = gatherer;
        this.states = states;
        this.actions = actions;
        this.teller = teller;
        this.clock = clock;
    }

    /**
     * Returns the time until the next pass. Never called for two incarnations of one VM at once.
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
        try {
            return walk(cached, vm, highestEpoch);
        } catch (RefusedException e) {
            LOG.warn("{}: {}: {}", cached.getMetadata().getName(), e.reason(), e.getMessage());
            return hindered(cached, vm, e.reason(), e.getMessage());
        } catch (HypervisorException e) {
            LOG.warn("{}: {}", cached.getMetadata().getName(), e.getMessage());
            return hindered(cached, vm, Failures.reason(e), e.getMessage());
        } catch (UncheckedIOException e) {
            LOG.warn("{}: {}", cached.getMetadata().getName(), Failures.message(e));
            return hindered(cached, vm, Failures.reason(e), Failures.message(e));
        } catch (KubernetesClientException e) {
            LOG.warn(
                    "{}: the API server did not take the status: {}",
                    cached.getMetadata().getName(),
                    e.getMessage());
            return AFTER_A_FAULT;
        } catch (RuntimeException e) {
            LOG.error("{}: a fault of the agent's own", cached.getMetadata().getName(), e);
            hindered(
                    cached,
                    vm,
                    Reason.AgentFault,
                    "the agent met an error of its own, which its log has; it tries again");
            return AFTER_A_FAULT;
        }
    }

    private Duration walk(VMIncarnation cached, UUID vm, long highestEpoch) {
        for (int taken = 0; taken < MAX_STEPS; taken++) {
            VMIncarnation latest = teller.latest(cached);
            IncarnationFacts facts = gatherer.gather(latest, vm, highestEpoch);
            IncarnationStep step = IncarnationPlanner.plan(facts);
            if (step.isStart()) {
                Optional<Duration> rest = patience.remaining(
                        vm, Backoff.wish(latest), facts.now(), StartFingerprint.at(latest.getSpec(), vm));
                if (rest.isPresent()) {
                    return rest.get();
                }
            }
            LOG.debug("{}: {}", cached.getMetadata().getName(), step);
            states.observe(facts);
            if (step.carryOut(facts, actions) instanceof Requeue.After(Duration delay)) {
                patience.forget(vm);
                return delay;
            }
        }
        LOG.error("{}: still not settled after {} steps", cached.getMetadata().getName(), MAX_STEPS);
        return AFTER_A_FAULT;
    }

    private Duration hindered(VMIncarnation cached, UUID vm, Reason reason, String message) {
        VMIncarnation latest = teller.latest(cached);
        Duration rest =
                patience.refused(vm, Backoff.wish(latest), last -> StartBackoff.after(reason, last), clock.instant());
        try {
            teller.report(cached, new IncarnationStatus(latest).blocked(reason, message));
        } catch (KubernetesClientException e) {
            LOG.warn(
                    "{}: the API server did not take the status: {}",
                    cached.getMetadata().getName(),
                    e.getMessage());
        }
        return rest;
    }
}
