package io.trustedlaunch.api.incarnation;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.trustedlaunch.api.ObjectRef;

/**
 * Which VM migrates, and where.
 *
 * @param vmRef a TrustedLaunchVM of the same namespace
 * @param targetNode name of a ClusterNode; by default the operator chooses one
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
        value = "self == oldSelf",
        message = "a VMMigration is immutable: delete it, which cancels the move, and create another")
public record VMMigrationSpec(
        @Required ObjectRef vmRef, @Size(min = 1, max = 253) String targetNode) {}
