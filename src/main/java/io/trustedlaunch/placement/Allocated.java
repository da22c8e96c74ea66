package io.trustedlaunch.placement;

/** The part of a node that is allocated to VMs. */
public record Allocated(int cores, long memoryBytes) {
    public static final Allocated NONE = new Allocated(0, 0);

    public Allocated plus(Allocated other) {
        return new Allocated(cores + other.cores, memoryBytes + other.memoryBytes);
    }

    public Allocated minus(Allocated other) {
        return new Allocated(cores - other.cores, memoryBytes - other.memoryBytes);
    }
}
