package io.trustedlaunch.placement;

/** What VMs take of a node. */
public record Load(int cores, long memoryBytes) {
    public static final Load NONE = new Load(0, 0);

    public Load plus(Load other) {
        return new Load(cores + other.cores, memoryBytes + other.memoryBytes);
    }
}
