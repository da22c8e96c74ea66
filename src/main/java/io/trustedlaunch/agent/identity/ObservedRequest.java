package io.trustedlaunch.agent.identity;

import java.time.Instant;

/**
 * A certificate request for one of this node's keys.
 *
 * @param since when this process first observed the current outcome, by this host's clock
 */
record ObservedRequest(String name, Outcome outcome, Instant since) {
    sealed interface Outcome {}

    record Pending() implements Outcome {}

    record Issued(String certificatePem) implements Outcome {}

    record Refused(String message) implements Outcome {}
}
