package io.trustedlaunch.operator.quota;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The charges of files in a namespace that no VM is charged for.
 *
 * @param retained the Secrets of keys whose VM was retained there
 * @param erasing the incarnations whose agents are to remove the files of a VM of that namespace, and have not
 */
record OwnerlessFiles(List<Secret> retained, List<VMIncarnation> erasing) {
    boolean isEmpty() {
        return retained.isEmpty() && erasing.isEmpty();
    }

    /**
     * The keys are the VMs' identities.
     *
     * @param counted identities of VMs that count for their files themselves
     */
    Map<String, Use> use(Set<String> counted) {
        Map<String, Use> files = new HashMap<>(LeftFiles.of(erasing, counted));
        files.putAll(RetainedFiles.of(retained, counted));
        return files;
    }
}
