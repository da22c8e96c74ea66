package io.trustedlaunch.agent.hypervisor;

import java.time.Duration;

/**
 * How a domain is to move.
 *
 * @param mebibytesPerSecond at most; 0: as much as the link bears
 * @param pause for how long it may stand still for the last of its memory, to begin with; see {@link
 *     Hypervisor#allowPause}
 */
public record MigrationManner(int mebibytesPerSecond, Duration pause) {}
