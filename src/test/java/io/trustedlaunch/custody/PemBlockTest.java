package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PemBlockTest {
    private static final byte[] SECRET = "a secret of some length, in a block".getBytes(StandardCharsets.US_ASCII);
    private static final String PEM = PemBlock.write(PemBlock.PRIVATE_KEY, SECRET);
    private static final String BODY = PEM.lines().skip(1).findFirst().orElseThrow();

    @Test
    void aBlockComesBackAsItWasWritten() {
        assertThat(PEM).startsWith("-----BEGIN PRIVATE KEY-----\n").endsWith("-----END PRIVATE KEY-----\n");
        assertThat(PemBlock.read(PemBlock.PRIVATE_KEY, PEM)).isEqualTo(SECRET);
        assertThat(PemBlock.read(PemBlock.PRIVATE_KEY, "Bag Attributes\n" + PEM.replace("\n", "\r\n")))
                .isEqualTo(SECRET);
    }

    @ParameterizedTest
    @CsvSource({
        "'', no PEM block",
        "'a text', no PEM block",
        "'-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', no PEM block",
        "'-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n', no PEM block",
        "'-----BEGIN PRIVATE KEY-----\n%s\n', malformed",
        "'-----BEGIN PRIVATE KEY-----\n%s\n-----END CERTIFICATE-----\n', malformed",
        "'-----BEGIN PRIVATE KEY-----\n%s*\n-----END PRIVATE KEY-----\n', malformed",
        "'-----BEGIN PRIVATE KEY-----\n%sA\n-----END PRIVATE KEY-----\n', malformed",
        "'-----BEGIN PRIVATE KEY-----\n%1$s\n-----END PRIVATE KEY-----\n"
                + "-----BEGIN PRIVATE KEY-----\n%1$s\n-----END PRIVATE KEY-----\n', more than one",
    })
    void anythingButOneSuchBlockIsRefusedWithoutQuotingIt(String text, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PemBlock.read(PemBlock.PRIVATE_KEY, text.formatted(BODY)))
                .withMessageContaining(reason)
                .withMessageNotContaining(BODY.substring(0, 8))
                .withNoCause();
    }

    @Test
    void aLongTextIsNotParsed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PemBlock.read(PemBlock.PRIVATE_KEY, PEM + "\n".repeat(16 * 1024)))
                .withMessageContaining("too long");
    }
}
