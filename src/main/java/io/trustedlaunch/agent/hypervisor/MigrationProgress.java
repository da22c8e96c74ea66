package io.trustedlaunch.agent.hypervisor;

import java.util.Optional;

/**
 * How far a domain's way to or from another host is, in bytes of memory and disks.
 *
 * @param transferred so far, over and over for what the guest changes meanwhile
 * @param remaining as it is now; grows when the guest writes faster than the link
 * @param total of what there is to transfer once
 * @param memory empty: not begun, or not known on this side
 */
public record MigrationProgress(long transferred, long remaining, long total, Optional<MemoryPass> memory) {
    /**
     * A pass over the guest's memory: the first over all of it, each other over what it changed during the one before.
     *
     * @param number from 1
     * @param remaining bytes of this pass
     * @param changedPerSecond bytes that the guest changes, as it was measured last; 0: it was not
     * @param sentPerSecond bytes that get there; 0: not measured
     * @param throttlePercent of its time that the guest is held up, so that it changes less
     */
    public record MemoryPass(
            int number, long remaining, long changedPerSecond, long sentPerSecond, int throttlePercent) {}

    public MigrationProgress(long transferred, long remaining, long total) {
        this(transferred, remaining, total, Optional.empty());
    }

    /** Of all there is to transfer, what the other host has; 0 as long as nobody knows. */
    public int percent() {
        return total <= 0 ? 0 : (int) Math.clamp((total - remaining) * 100 / total, 0L, 100L);
    }
}
