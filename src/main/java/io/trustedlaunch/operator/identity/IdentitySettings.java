package io.trustedlaunch.operator.identity;

import java.time.Duration;

/**
 * @param namespace the operator's own; the agents' ServiceAccount and the authorities are there too
 * @param certificateLifetime of a node's certificate; a request may ask for a shorter one
 */
public record IdentitySettings(String namespace, Duration certificateLifetime) {
    public static final Duration DEFAULT_LIFETIME = Duration.ofDays(30);

    private static final String AGENT_SERVICE_ACCOUNT = "trusted-launch-agent";

    String agentUsername() {
        return "system:serviceaccount:" + namespace + ":" + AGENT_SERVICE_ACCOUNT;
    }
}
