package io.trustedlaunch.placement;

/**
 * What an administrator says of placing.
 *
 * @param coresOvercommit how many cores VMs may have in all for one of the host's
 */
public record PlacementPolicy(double coresOvercommit, Strategy strategy) {
    public static final PlacementPolicy DEFAULT = new PlacementPolicy(4, Strategy.Spread);

    /** Which of the nodes that take a VM is taken, where nobody prefers one. */
    public enum Strategy {
        /** The emptiest, so that the loss of one costs few VMs, and each has room. */
        Spread,
        /** The fullest, so that others stay empty. */
        Pack
    }
}
