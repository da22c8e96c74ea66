package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * What is to be proved.
 *
 * @param nodeName name of the ClusterNode
 * @param bootID the boot of that host that the proof is for, as its agent names it; nothing follows for another boot
 * @param method whence the proof comes
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record NodeFenceSpec(
        @Required @Size(min = 1, max = 253) String nodeName,
        @Required @Size(min = 1, max = 36) String bootID,
        @Required Method method) {

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
