package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Which boot of which host is to be proved over, and how.
 *
 * @param nodeName name of the ClusterNode
 * @param bootID the boot of its host, as the kernel names it
 * @param method how the end of that boot is proved
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(value = "self == oldSelf", message = "the spec of a NodeFence is immutable: it holds for one boot")
public record NodeFenceSpec(
        @Required @Size(min = 1, max = 253) @Pattern(Schemas.OBJECT_NAME)
        String nodeName,

        @Required @Size(min = 1, max = 64) @Pattern(Schemas.UID)
        String bootID,

        @Required Method method) {

    /** How the end of a boot is proved. */
    public enum Method {
        /** A person says so. */
        Statement,
        /** The Kubernetes Node has the taint node.kubernetes.io/out-of-service. */
        OutOfService,
        /** The host's power is cut by a FenceDevice. */
        Power
    }
}
