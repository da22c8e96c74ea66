package io.trustedlaunch.api.node;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * The boot of a host that is to be proved over.
 *
 * @param nodeName name of the ClusterNode
 * @param bootID the boot of that host that the proof is for, as its agent names it; nothing follows for another boot
 * @param method whence the proof comes
 * @param automatic no person asked for it: the node was silent, and its FenceDevice allows that
 * @param machineUUID UUID of the host's machine, spec.machineUUID of the ClusterNode when the fence was made: what is off must
 *     be that machine
 * @param nodeUID UID of that ClusterNode: once it is gone, no power is cut for this fence
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record NodeFenceSpec(
        @Required @Size(min = 1, max = 253) String nodeName,
        @Required @Size(min = 1, max = 36) String bootID,
        @Required Method method,
        @Default("false") boolean automatic,
        @Size(max = 64) String machineUUID,
        @Size(max = 64) String nodeUID) {

    /** The spec of a fence by a person's statement. */
    public NodeFenceSpec(String nodeName, String bootID, Method method) {
        this(nodeName, bootID, method, false, null, null);
    }

    /** Whence the proof comes. */
    public enum Method {
        /** A person states that the host is off: spec.fencing.statement of the ClusterNode. */
        Statement,
        /** A person has put the taint node.kubernetes.io/out-of-service on the Kubernetes Node. */
        OutOfService,
        /** The host's power is cut, and its management controller says that it is off. */
        Power
    }
}
