package io.trustedlaunch.operator.fencing;

import java.time.Duration;
import java.util.List;

/**
 * How much of the cluster is silent: what looks like the death of many nodes at once is more likely a fault of the network.
 *
 * @param silences of each node that counts, the fenced one included: for how long neither its agent nor its kubelet was
 *     heard. Nodes count that are enrolled, not proved dead, and not drained
 * @param recentAttempts other nodes whose power was or is to be cut automatically within {@link #WINDOW}, also in vain
 * @param minLivingPercent least share of living nodes
 */
record ClusterSilence(List<Duration> silences, int recentAttempts, int minLivingPercent) {
    static final Duration WINDOW = Duration.ofMinutes(10);

    /** The limit of each window. */
    static final int MOST_ATTEMPTS = 2;

    /**
     * Leases are renewed every ten seconds. A node that missed two renewals is not counted on: of nodes that are cut off at
     * once, the first reaches the time after which it may be fenced up to ten seconds before the last.
     */
    static final Duration LIVING = Duration.ofSeconds(20);

    ClusterSilence {
        silences = List.copyOf(silences);
    }

    boolean isTooMuch() {
        return recentAttempts >= MOST_ATTEMPTS || living() * 100 < (long) minLivingPercent * silences.size();
    }

    private long living() {
        return silences.stream()
                .filter(silence -> silence.compareTo(LIVING) < 0)
                .count();
    }

    String text() {
        return living() + " of " + silences.size() + " nodes are heard, at least " + minLivingPercent
                + " % must be, and " + recentAttempts + " others were fenced automatically, or were to be, in the last "
                + WINDOW.toMinutes()
                + " minutes, of which " + MOST_ATTEMPTS + " are allowed";
    }
}
