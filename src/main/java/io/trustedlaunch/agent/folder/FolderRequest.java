package io.trustedlaunch.agent.folder;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import java.util.Set;

/**
 * A request to do something with the folder of a VM for one of its incarnations.
 *
 * @param epoch of the incarnation
 * @param firstStart the VM has never run
 * @param fences the NodeFences that it relies on
 */
public record FolderRequest(VmRef vm, long epoch, VmFolder folder, boolean firstStart, Set<String> fences) {
    public FolderRequest {
        fences = Set.copyOf(fences);
    }
}
