package io.trustedlaunch.operator;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Nothing is decided while what holds agents to their node is missing. */
final class AccessGate {
    private static final Logger LOG = LoggerFactory.getLogger(AccessGate.class);

    static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    private final AccessPolicies policies;
    private final Readiness readiness;

    AccessGate(AccessPolicies policies, Readiness readiness) {
        this.policies = policies;
        this.readiness = readiness;
    }

    /** Returns when everything is in place. */
    void await() throws InterruptedException {
        Optional<String> told = Optional.empty();
        while (true) {
            Optional<String> obstacle = obstacle();
            if (obstacle.isEmpty()) {
                readiness.ready();
                return;
            }
            readiness.notReady(obstacle.get());
            if (!obstacle.equals(told)) {
                LOG.error("Not working: {}", obstacle.get());
                told = obstacle;
            }
            Thread.sleep(LOOK_AGAIN);
        }
    }

    /** For a look now and then: true only if something is known to be missing. */
    boolean isBroken() {
        try {
            return !policies.missing().isEmpty();
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    private Optional<String> obstacle() {
        try {
            List<String> missing = policies.missing();
            return missing.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Reason.AccessPoliciesMissing + ": " + String.join(", ", missing)
                            + "; install the chart trusted-launch-operator");
        } catch (KubernetesClientException e) {
            return Optional.of("the API server cannot be asked for the access policies: " + e.getMessage());
        }
    }
}
