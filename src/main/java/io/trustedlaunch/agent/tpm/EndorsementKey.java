package io.trustedlaunch.agent.tpm;

import io.trustedlaunch.custody.EkPublicArea;

/** The public part of an endorsement key, which identifies a TPM. Not secret. */
public record EndorsementKey(EkPublicArea publicArea) {
    /** The hash algorithm of the name, SHA-256, as a TPM writes it. */
    private static final String ALGORITHM = "000b";

    /** Reads a TPMT_PUBLIC with template L-1. */
    static EndorsementKey of(byte[] publicArea) {
        try {
            return new EndorsementKey(EkPublicArea.of(publicArea));
        } catch (IllegalArgumentException e) {
            throw new TpmException(
                    new TpmFailure.ProtocolBroken("the TPM returned an unexpected type of key: " + e.getMessage()), e);
        }
    }

    /** The TPM's own name for the key, in hex: what {@code tpm2_readpublic} prints. */
    public String name() {
        return ALGORITHM + publicArea.digest();
    }
}
