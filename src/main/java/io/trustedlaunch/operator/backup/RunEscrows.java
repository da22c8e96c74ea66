package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.Optional;

/** Seals the escrow that brings a VM back from a backup when its key is gone. */
@FunctionalInterface
public interface RunEscrows {
    /**
     * The escrow for a backup that begins, in base64; empty if the cluster has no backup key, or none can be made now: a backup
     * without one is better than none.
     *
     * @param vm with its status
     */
    Optional<String> of(TrustedLaunchVM vm, Optional<Machine> machine);
}
