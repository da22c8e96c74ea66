package io.trustedlaunch.agent.hypervisor;

import java.util.OptionalLong;

/**
 * A backup that is under way.
 *
 * @param scratchBytes what the guest has overwritten since it began, in the scratch files of all disks together; empty
 *     if QEMU does not answer
 */
public record BackupJob(OptionalLong scratchBytes) {}
