package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Whose console, and who may use it.
 *
 * @param vmRef a TrustedLaunchVM of the same namespace
 * @param clientKeySHA256 SHA-256, in hexadecimal, of the public key (SubjectPublicKeyInfo, DER) of the one client that the
 *     node's agent lets in; the private half stays with whoever asked
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(value = "self == oldSelf", message = "a VMConsole is immutable: delete it and create another")
public record VMConsoleSpec(
        @Required ObjectRef vmRef,
        @Required @Pattern("[0-9a-f]{64}") String clientKeySHA256) {}
