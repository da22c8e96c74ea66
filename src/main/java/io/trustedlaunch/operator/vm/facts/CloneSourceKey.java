package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.custody.ProtectionKey;

/**
 * The protection key of the VM whose disks are copied, from its Secret or from the escrow of the backup. It opens that VM's
 * backups for the node that copies, and is never the copy's own.
 */
public sealed interface CloneSourceKey {
    record Usable(ProtectionKey key) implements CloneSourceKey {}

    record Refused(Problem problem) implements CloneSourceKey {}
}
