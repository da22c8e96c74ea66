package io.trustedlaunch.agent.hypervisor;

import java.time.Duration;

/**
 * How a domain is migrated.
 *
 * @param mebibytesPerSecond limit; 0: unlimited
 * @param pause longest final pause at the beginning; see {@link Hypervisor#allowPause}
 * @param copiesDisks whether disks are copied, into existing files of the same size, because they are not shared
 */
public record MigrationOptions(int mebibytesPerSecond, Duration pause, boolean copiesDisks) {}
