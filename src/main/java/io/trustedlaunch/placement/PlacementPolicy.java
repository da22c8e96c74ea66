package io.trustedlaunch.placement;

/**
 * How the administrator configured placement.
 *
 * @param coresOvercommit how many virtual cores VMs may have in total for each core of the host
 */
public record PlacementPolicy(double coresOvercommit, Strategy strategy) {
    public static final PlacementPolicy DEFAULT = new PlacementPolicy(4, Strategy.Spread);

    /** Which of the suitable nodes is chosen if the VM prefers none. */
    public enum Strategy {
        /** The emptiest: the loss of a node affects few VMs, and each has room. */
        Spread,
        /** The fullest: other nodes stay empty. */
        Pack
    }
}
