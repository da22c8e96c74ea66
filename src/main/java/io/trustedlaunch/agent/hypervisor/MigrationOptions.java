package io.trustedlaunch.agent.hypervisor;

import java.time.Duration;

/**
 * How a domain is to move.
 *
 * @param mebibytesPerSecond at most; 0: as much as the link bears
 * @param pause for how long it may stand still for the last of its memory, to begin with; see {@link
 *     Hypervisor#allowPause}
 * @param copiesDisks the disks are not shared: they are copied into files of the same size that are there
 */
public record MigrationOptions(int mebibytesPerSecond, Duration pause, boolean copiesDisks) {}
