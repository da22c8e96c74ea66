package io.trustedlaunch.operator.identity;

import java.time.Duration;

/**
 * @param namespace the operator's own, where the agents' ServiceAccount and the authority are too
 * @param certificateLifetime of a node's certificate; a request may ask for less
 */
public record IdentitySettings(String namespace, Duration certificateLifetime) {
    public static final Duration DEFAULT_LIFETIME = Duration.ofDays(30);

    private static final String AGENT_SERVICE_ACCOUNT = "trusted-launch-agent";

    String agentUsername() {
        return "system:serviceaccount:" + namespace + ":" + AGENT_SERVICE_ACCOUNT;
    }
}
