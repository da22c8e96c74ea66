package io.trustedlaunch.testkit;

import io.trustedlaunch.custody.EkPublicArea;
import java.math.BigInteger;
import java.security.interfaces.RSAPublicKey;
import java.util.HexFormat;

/** The public areas of RSA endorsement keys, as a TPM writes them. */
public final class EndorsementKeys {
    public static final EkPublicArea ONE = make();
    public static final EkPublicArea OTHER = make();
    public static final EkPublicArea THIRD = make();
    public static final EkPublicArea FOURTH = make();

    /** The largest prime of 2048 bits: no RSA modulus, since it has only itself as a factor. */
    public static final BigInteger PRIME = BigInteger.TWO.pow(2048).subtract(BigInteger.valueOf(1_942_289));

    private EndorsementKeys() {}

    /** Another one each time. */
    public static EkPublicArea make() {
        return EkPublicArea.of(area(((RSAPublicKey) RsaKeys.make(2048).getPublic()).getModulus()));
    }

    /** The public area by template L-1 of the TCG EK Credential Profile. */
    public static byte[] area(BigInteger modulus) {
        return HexFormat.of()
                .parseHex("0001000b000300b20020837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa"
                        + "00060080004300100800000000000100" + String.format("%0512x", modulus));
    }
}
