package io.trustedlaunch.placement;

/** What VMs take of a node. */
public record Allocated(int cores, long memoryBytes) {
    public static final Allocated NONE = new Allocated(0, 0);

    public Allocated plus(Allocated other) {
        return new Allocated(cores + other.cores, memoryBytes + other.memoryBytes);
    }
}
