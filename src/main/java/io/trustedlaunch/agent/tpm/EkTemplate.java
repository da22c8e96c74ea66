package io.trustedlaunch.agent.tpm;

import java.util.HexFormat;

/**
 * Templates of the endorsement key: the default templates L-1 (RSA 2048) and L-2 (ECC P-256) of the TCG EK Credential
 * Profile for TPM Family 2.0 (annex B.3.3). swtpm_setup, tpm2_createek and Windows get the same key from them and the
 * same seed.
 */
final class EkTemplate {
    private static final int ALG_RSA = 0x0001;
    private static final int ALG_AES = 0x0006;
    private static final int ALG_SHA256 = 0x000B;
    private static final int ALG_NULL = 0x0010;
    private static final int ALG_ECC = 0x0023;
    private static final int ALG_CFB = 0x0043;

    /** fixedTPM, fixedParent, sensitiveDataOrigin, adminWithPolicy, restricted, decrypt (Part 2, TPMA_OBJECT). */
    private static final int ATTRIBUTES = 0x000300B2;

    /** The digest of TPM2_PolicySecret(TPM_RH_ENDORSEMENT), the profile's PolicyA for SHA-256. */
    private static final byte[] POLICY =
            HexFormat.of().parseHex("837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa");

    private static final int KEY_BITS = 2048;

    private static final int CURVE_P256 = 0x0003;
    private static final int COORDINATE_BYTES = 32;

    private EkTemplate() {}

    /** A TPMT_PUBLIC with template L-2. The TPM derives this key in a few milliseconds. */
    static byte[] eccP256() {
        return of(ALG_ECC)
                .u16(CURVE_P256)
                .u16(ALG_NULL)
                .sized(new byte[COORDINATE_BYTES])
                .sized(new byte[COORDINATE_BYTES])
                .bytes();
    }

    /** A TPMT_PUBLIC with template L-1. */
    static byte[] rsa2048() {
        return of(ALG_RSA)
                .u16(KEY_BITS)
                .u32(0) // the default exponent, 65537
                .sized(new byte[KEY_BITS / 8])
                .bytes();
    }

    /** The common part, up to the fields of the algorithm. */
    private static TpmWriter of(int algorithm) {
        return new TpmWriter()
                .u16(algorithm)
                .u16(ALG_SHA256)
                .u32(ATTRIBUTES)
                .sized(POLICY)
                .u16(ALG_AES)
                .u16(128)
                .u16(ALG_CFB)
                .u16(ALG_NULL);
    }
}
