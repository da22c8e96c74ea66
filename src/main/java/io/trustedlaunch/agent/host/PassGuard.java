package io.trustedlaunch.agent.host;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;

/** Runs a pass over one object, and turns an exception into a report and a delay. */
public final class PassGuard<T extends HasMetadata> {
    public static final Duration AFTER_A_FAILURE = Duration.ofSeconds(10);

    private final Logger log;
    private final Failures<T> failures;

    @FunctionalInterface
    public interface Pass {
        Duration run() throws IOException;
    }

    /** What becomes of a failure. */
    public interface Failures<T> {
        /** The problem behind an exception other than {@link RefusedException}; empty for an unexpected error. */
        Optional<Problem> problem(T object, Exception cause);

        /** The time until the next pass. */
        Duration delay(T object, Problem problem, Exception cause);

        void report(T object, Problem problem);
    }

    public PassGuard(Logger log, Failures<T> failures) {
        this.log = log;
        this.failures = failures;
    }

    /** Returns the time until the next pass. */
    public Duration run(T object, Pass pass) {
        String name = object.getMetadata().getName();
        try {
            return pass.run();
        } catch (RefusedException e) {
            return failed(object, new Problem(e.reason(), e.getMessage()), e);
        } catch (KubernetesClientException e) {
            log.warn("{}: the API server did not accept the status: {}", name, e.getMessage());
            return AFTER_A_FAILURE;
        } catch (IOException | RuntimeException e) {
            Optional<Problem> problem = failures.problem(object, e);
            if (problem.isPresent()) {
                return failed(object, problem.get(), e);
            }
            log.error("{}: unexpected error", name, e);
            fail(
                    object,
                    new Problem(
                            Reason.AgentFault,
                            "the agent failed with an unexpected error; see its log on this node. It tries again"),
                    e);
            return AFTER_A_FAILURE;
        }
    }

    private Duration failed(T object, Problem problem, Exception cause) {
        log.warn("{}: {}: {}", object.getMetadata().getName(), problem.reason(), problem.message());
        return fail(object, problem, cause);
    }

    private Duration fail(T object, Problem problem, Exception cause) {
        Duration delay = failures.delay(object, problem, cause);
        try {
            failures.report(object, problem);
        } catch (KubernetesClientException e) {
            log.warn(
                    "{}: the API server did not accept the status: {}",
                    object.getMetadata().getName(),
                    e.getMessage());
        }
        return delay;
    }
}
