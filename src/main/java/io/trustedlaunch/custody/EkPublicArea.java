package io.trustedlaunch.custody;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.stream.IntStream;

/**
 * The public area of a TPM's endorsement key, as the TPM itself writes it: a TPMT_PUBLIC (TPM 2.0 Part 2). Only the
 * default RSA 2048 key is supported, template L-1 of the TCG EK Credential Profile (annex B.3.3): only the modulus at
 * its end varies, so no untrusted field has to be interpreted.
 */
public final class EkPublicArea {
    private static final int MODULUS_BYTES = 2048 / Byte.SIZE;

    /** Type RSA, name by SHA-256, attributes, PolicyA, AES-128-CFB, no scheme, 2048 bits, 65537, 256 bytes of modulus. */
    private static final byte[] TEMPLATE = HexFormat.of()
            .parseHex("0001" + "000b" + "000300b2" + "0020"
                    + "837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa" + "0006" + "0080" + "0043"
                    + "0010" + "0800" + "00000000" + "0100");

    private static final int BYTES = TEMPLATE.length + MODULUS_BYTES;
    private static final int MAX_CHARACTERS = 2 * BYTES;

    /** The exponent that 0 stands for in the template. */
    private static final BigInteger EXPONENT = BigInteger.valueOf(65537);

    /** The product of the primes that no factor may be. */
    private static final BigInteger SMALL_PRIMES = IntStream.range(2, 752)
            .mapToObj(BigInteger::valueOf)
            .filter(number -> number.isProbablePrime(20))
            .reduce(BigInteger.ONE, BigInteger::multiply);

    private static final int CERTAINTY = 100;

    private final byte[] bytes;
    private final BigInteger modulus;

    private EkPublicArea(byte[] bytes, BigInteger modulus) {
        this.bytes = bytes;
        this.modulus = modulus;
    }

    /** @throws IllegalArgumentException if any byte differs from the area of such a key */
    public static EkPublicArea of(byte[] area) {
        if (area.length != BYTES) {
            throw new IllegalArgumentException(
                    "the public area of an RSA 2048 endorsement key has " + BYTES + " bytes, not " + area.length);
        }
        if (!Arrays.equals(area, 0, TEMPLATE.length, TEMPLATE, 0, TEMPLATE.length)) {
            throw new IllegalArgumentException("the key does not follow the template of RSA 2048 endorsement keys");
        }
        BigInteger modulus = new BigInteger(1, Arrays.copyOfRange(area, TEMPLATE.length, BYTES));
        if (modulus.bitLength() != 2048 || !modulus.testBit(0)) {
            throw new IllegalArgumentException("its modulus is not an RSA modulus of 2048 bits");
        }
        requireComposite(modulus);
        return new EkPublicArea(area.clone(), modulus);
    }

    /** Costs a modular exponentiation, about 7 ms. Verifiers refuse such keys, too. */
    private static void requireComposite(BigInteger modulus) {
        if (!modulus.gcd(SMALL_PRIMES).equals(BigInteger.ONE)) {
            throw new IllegalArgumentException("its modulus has a small factor");
        }
        if (modulus.isProbablePrime(CERTAINTY)) {
            throw new IllegalArgumentException("its modulus is a prime");
        }
    }

    /** @throws IllegalArgumentException if it is not base64 of the area of such a key */
    public static EkPublicArea fromBase64(String text) {
        if (text.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException("public area of " + text.length() + " characters is too long");
        }
        return of(Base64.getDecoder().decode(text));
    }

    public String toBase64() {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** SHA-256 in lower-case hex; the TPM's own name for the key is this, after four digits for the algorithm. */
    public String digest() {
        return Sha256.of(bytes);
    }

    /** Uses the JDK's own provider, which does not test again what was tested here. */
    public PublicKey publicKey() {
        try {
            return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, EXPONENT));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no key could be made from a checked modulus", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EkPublicArea area && Arrays.equals(bytes, area.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
