package io.trustedlaunch.agent.tpm;

/**
 * The keys of a TPM that was probed before. Deriving its RSA endorsement key takes a tenth of a second or more. An ECC
 * key from the same seed is derived much faster and identifies the TPM just as well.
 *
 * @param eccKey the public area of the ECC key, in hex
 */
public record TpmFingerprint(EndorsementKey key, String eccKey) {}
