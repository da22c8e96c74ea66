package io.trustedlaunch.agent.incarnation.report;

/**
 * A TPM's endorsement key.
 *
 * @param digest as in {@link io.trustedlaunch.api.vm.TrustedLaunchVMStatus.VTpm}
 * @param publicArea as in {@link io.trustedlaunch.api.incarnation.VMIncarnationStatus}
 */
public record Ek(String digest, String publicArea) {}
