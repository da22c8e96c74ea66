package io.trustedlaunch.testkit;

import io.trustedlaunch.gueststate.Claimant;

/** As which incarnations claim homes, where a test is not about that. */
public final class Claimants {
    public static final Claimant HOST_A = on("host-a");

    private Claimants() {}

    /** In the cluster of {@link Incarnations}. */
    public static Claimant on(String node) {
        return of(Incarnations.CLUSTER, node, 1);
    }

    /** @param agent each has nonces of its own */
    public static Claimant of(String cluster, String node, int agent) {
        return new Claimant(cluster, node, "%032x".formatted(agent));
    }
}
