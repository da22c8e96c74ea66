package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.trustedlaunch.testkit.EndorsementKeys;
import java.math.BigInteger;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EkPublicAreaTest {
    private static final int MODULUS_AT = 58;
    private static final byte[] AREA = Base64.getDecoder().decode(EndorsementKeys.ONE.toBase64());

    @Test
    void anAreaIsItsKeyAndItsDigest() throws Exception {
        EkPublicArea area = EkPublicArea.fromBase64(EndorsementKeys.ONE.toBase64());

        assertThat(area).isEqualTo(EndorsementKeys.ONE).isNotEqualTo(EndorsementKeys.OTHER);
        assertThat(area.digest()).isEqualTo(Sha256.of(AREA));
        RSAPublicKey key = (RSAPublicKey) area.publicKey();
        assertThat(key.getModulus()).isEqualTo(new BigInteger(1, Arrays.copyOfRange(AREA, MODULUS_AT, AREA.length)));
        assertThat(key.getPublicExponent()).isEqualTo(65537);
    }

    @ParameterizedTest
    @MethodSource("everyByteOfTheTemplate")
    void anotherTemplateIsRefusedWhereverItDiffers(int at) {
        byte[] area = AREA.clone();
        area[at] ^= 1;

        assertThatIllegalArgumentException()
                .isThrownBy(() -> EkPublicArea.of(area))
                .withMessageContaining("template");
    }

    static IntStream everyByteOfTheTemplate() {
        return IntStream.range(0, MODULUS_AT);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void whatIsNoAreaIsRefused(String what, byte[] area, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EkPublicArea.of(area))
                .withMessageContaining(why);
    }

    static Stream<Arguments> whatIsNoAreaIsRefused() {
        BigInteger top = BigInteger.ONE.shiftLeft(2047);
        return Stream.of(
                Arguments.of("nothing", new byte[0], "314 bytes, not 0"),
                Arguments.of("cut short", Arrays.copyOf(AREA, AREA.length - 1), "not 313"),
                Arguments.of("a byte too long", Arrays.copyOf(AREA, AREA.length + 1), "not 315"),
                Arguments.of("the empty modulus of a template", EndorsementKeys.area(BigInteger.ZERO), "modulus"),
                Arguments.of("an even modulus", EndorsementKeys.area(top), "modulus"),
                Arguments.of(
                        "a shorter modulus",
                        EndorsementKeys.area(top.shiftRight(1).setBit(0)),
                        "modulus"),
                Arguments.of("a prime modulus", EndorsementKeys.area(EndorsementKeys.PRIME), "is a prime"),
                Arguments.of("a modulus with a small factor", EndorsementKeys.area(top.setBit(0)), "a small factor"));
    }

    /** One that could not be certified would be tried again without end. */
    @Test
    void whateverIsAcceptedIsAKey() {
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            BigInteger modulus = new BigInteger(2048, random).setBit(2047);
            accepted(modulus)
                    .ifPresent(area -> assertThat(((RSAPublicKey) area.publicKey()).getModulus())
                            .isEqualTo(modulus));
        }
    }

    private static Optional<EkPublicArea> accepted(BigInteger modulus) {
        try {
            return Optional.of(EkPublicArea.of(EndorsementKeys.area(modulus)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void whatIsNoBase64OfItIsRefused(String what, String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> EkPublicArea.fromBase64(text));
    }

    static Stream<Arguments> whatIsNoBase64OfItIsRefused() {
        String good = EndorsementKeys.ONE.toBase64();
        return Stream.of(
                Arguments.of("nothing", ""),
                Arguments.of("other letters", "*".repeat(good.length())),
                Arguments.of("a line break", good.substring(0, 76) + "\n" + good.substring(76)),
                Arguments.of("more behind it", good + good),
                Arguments.of("very much", "A".repeat(1 << 20)));
    }

    @Test
    void aLongTextIsNotDecoded() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EkPublicArea.fromBase64("*".repeat(2 * AREA.length + 1)))
                .withMessage("public area of 629 characters is too long");
    }

    @Test
    void anAreaIsItsBytesAndKeepsACopyOfThem() {
        byte[] bytes = AREA.clone();
        EkPublicArea area = EkPublicArea.of(bytes);
        bytes[AREA.length - 2] ^= 1;

        assertThat(area).isEqualTo(EndorsementKeys.ONE).hasSameHashCodeAs(EndorsementKeys.ONE);
        assertThat(EndorsementKeys.OTHER).isNotEqualTo(area).doesNotHaveSameHashCodeAs(area);
        assertThat(area.toBase64()).isEqualTo(Base64.getEncoder().encodeToString(AREA));
    }
}
