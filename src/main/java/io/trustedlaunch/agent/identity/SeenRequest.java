package io.trustedlaunch.agent.identity;

import java.time.Instant;

/**
 * A certificate request for one of this node's keys.
 *
 * @param firstSeen when this process first saw it in its present outcome, by this host's clock
 */
record SeenRequest(String name, Outcome outcome, Instant firstSeen) {
    sealed interface Outcome {}

    record Pending() implements Outcome {}

    record Issued(String certificatePem) implements Outcome {}

    record Refused(String message) implements Outcome {}
}
