package io.trustedlaunch.agent.incarnation;

import java.util.Optional;

/**
 * A TPM's endorsement key.
 *
 * @param digest as in {@link io.trustedlaunch.api.TrustedLaunchVMStatus.VTpm}
 * @param certificate PEM
 */
public record Ek(String digest, Optional<String> certificate) {}
