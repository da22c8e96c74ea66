package io.trustedlaunch.agent.hypervisor;

/**
 * How far a domain's way to or from another host is, in bytes of memory and disks.
 *
 * @param transferred so far, over and over for what the guest changes meanwhile
 * @param remaining as it is now; grows when the guest writes faster than the link
 * @param total of what there is to transfer once
 */
public record MigrationProgress(long transferred, long remaining, long total) {
    /** Of all there is to transfer, what the other host has; 0 as long as nobody knows. */
    public int percent() {
        return total <= 0 ? 0 : (int) Math.clamp((total - remaining) * 100 / total, 0L, 100L);
    }
}
