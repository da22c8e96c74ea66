package io.trustedlaunch.agent.order;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.Problem;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;

/** Runs a pass over one object, and turns an exception into a report and a delay. */
public final class PassGuard<T extends HasMetadata> {
    public static final Duration AFTER_A_FAILURE = Duration.ofSeconds(10);

    private final Logger log;
    private final Faults faults;
    private final Failures<T> failures;

    @FunctionalInterface
    public interface Pass {
        Duration run() throws IOException;
    }

    /** Handles a failure. */
    public interface Failures<T> {
        /** The time until the next pass. */
        Duration delay(T object, Problem problem, Exception cause);

        void report(T object, Problem problem);
    }

    public PassGuard(Logger log, Faults faults, Failures<T> failures) {
        this.log = log;
        this.faults = faults;
        this.failures = failures;
    }

    /** Returns the time until the next pass. */
    public Duration run(T object, Pass pass) {
        String name = object.getMetadata().getName();
        try {
            return pass.run();
        } catch (KubernetesClientException e) {
            log.warn("{}: the API server did not accept the status: {}", name, e.getMessage());
            return AFTER_A_FAILURE;
        } catch (IOException | RuntimeException e) {
            Problem problem = faults.of(e, log, name);
            log.warn("{}: {}: {}", name, problem.reason(), problem.message());
            Duration delay = report(object, problem, e);
            return problem.equals(Faults.UNEXPECTED) ? AFTER_A_FAILURE : delay;
        }
    }

    private Duration report(T object, Problem problem, Exception cause) {
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
