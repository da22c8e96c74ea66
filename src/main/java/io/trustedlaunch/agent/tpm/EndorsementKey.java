package io.trustedlaunch.agent.tpm;

import io.trustedlaunch.custody.EkPublicArea;

/** Who a TPM is. Nothing in it is secret. */
public record EndorsementKey(EkPublicArea publicArea) {
    /** The hash algorithm of the name, SHA-256, as a TPM writes it. */
    private static final String ALGORITHM = "000b";

    /** From a TPMT_PUBLIC; another shape is not our EK. */
    static EndorsementKey of(byte[] publicArea) {
        try {
            return new EndorsementKey(EkPublicArea.of(publicArea));
        } catch (IllegalArgumentException e) {
            throw new TpmException(
                    new TpmFailure.ProtocolBroken("the TPM answered with another kind of key: " + e.getMessage()), e);
        }
    }

    /** The TPM's own name for the key, in hex: what {@code tpm2_readpublic} prints. */
    public String name() {
        return ALGORITHM + publicArea.digest();
    }
}
