package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * One move of one VM.
 *
 * @param vmRef a TrustedLaunchVM of the same namespace
 * @param targetNode a ClusterNode; left out, the operator chooses
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
        value = "self == oldSelf",
        message = "a VMMigration is immutable: delete it, which cancels the move, and create another")
public record VMMigrationSpec(
        @Required ObjectRef vmRef, @Size(min = 1, max = 253) String targetNode) {}
