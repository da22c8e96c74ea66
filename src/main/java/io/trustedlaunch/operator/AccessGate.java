package io.trustedlaunch.operator;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the operator from working while the policies that restrict agents to their node are missing or changed. */
final class AccessGate {
    private static final Logger LOG = LoggerFactory.getLogger(AccessGate.class);

    static final Duration INTERVAL = Duration.ofSeconds(5);

    private final AccessPolicies policies;
    private final Readiness readiness;

    AccessGate(AccessPolicies policies, Readiness readiness) {
        this.policies = policies;
        this.readiness = readiness;
    }

    /** Returns when all policies are in force. */
    void await() throws InterruptedException {
        Optional<String> logged = Optional.empty();
        while (true) {
            Optional<String> problem = problem();
            if (problem.isEmpty()) {
                readiness.ready();
                return;
            }
            readiness.notReady(problem.get());
            if (!problem.equals(logged)) {
                LOG.error("Waiting: {}", problem.get());
                logged = problem;
            }
            Thread.sleep(INTERVAL);
        }
    }

    /** True only if a policy is known to be missing or changed, not if the API server does not answer. */
    boolean isBroken() {
        try {
            return !policies.problems().isEmpty();
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    private Optional<String> problem() {
        try {
            List<String> problems = policies.problems();
            return problems.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Reason.AccessPoliciesMissing + ": " + String.join(", ", problems)
                            + "; install the chart trusted-launch-operator of this version");
        } catch (KubernetesClientException e) {
            return Optional.of("cannot read the access policies from the API server: " + e.getMessage());
        }
    }
}
