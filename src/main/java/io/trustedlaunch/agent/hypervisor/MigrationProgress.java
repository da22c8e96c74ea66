package io.trustedlaunch.agent.hypervisor;

import java.util.Optional;

/**
 * The progress of a domain's migration, in bytes of memory and disks.
 *
 * @param transferred so far, including repeated transfers of changed data
 * @param remaining now; grows if the guest writes faster than the link
 * @param total without repetitions
 * @param memory empty if not started, or not known on this side
 */
public record MigrationProgress(long transferred, long remaining, long total, Optional<MemoryPass> memory) {
    /**
     * A pass over the guest's memory: the first sends all of it, each later one the changes during the previous pass.
     *
     * @param number from 1
     * @param remaining bytes of this pass
     * @param changedPerSecond bytes that the guest changes; 0: not measured
     * @param sentPerSecond bytes; 0: not measured
     * @param throttlePercent by which the guest is throttled, so that it changes less
     */
    public record MemoryPass(
            int number, long remaining, long changedPerSecond, long sentPerSecond, int throttlePercent) {}

    public MigrationProgress(long transferred, long remaining, long total) {
        this(transferred, remaining, total, Optional.empty());
    }

    /** The share of the total that the other host has; 0 while unknown. */
    public int percent() {
        return total <= 0 ? 0 : (int) Math.clamp((total - remaining) * 100 / total, 0L, 100L);
    }
}
