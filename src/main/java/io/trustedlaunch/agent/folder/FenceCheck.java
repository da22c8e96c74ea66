package io.trustedlaunch.agent.folder;

import io.trustedlaunch.api.Problem;
import java.nio.file.Path;
import java.util.Optional;

/** Whether the node that a VM was on is still proved dead. */
@FunctionalInterface
public interface FenceCheck {
    /**
     * Why the guest must not run here; empty: it may.
     *
     * @param fence name of the NodeFence that the incarnation began because of
     * @param location the folder of the storage location that has the VM's home
     */
    Optional<Problem> problem(String fence, Path location);
}
