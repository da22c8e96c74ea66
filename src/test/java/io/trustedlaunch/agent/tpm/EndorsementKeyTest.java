package io.trustedlaunch.agent.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.trustedlaunch.custody.EkPublicArea;
import io.trustedlaunch.testkit.EndorsementKeys;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class EndorsementKeyTest {
    @Test
    void theTemplateIsThatOfTheProfile() {
        String fixed = HexFormat.of().formatHex(Arrays.copyOf(EkTemplate.rsa2048(), 56));

        assertThat(fixed)
                .isEqualTo("0001" + "000b" + "000300b2" + "0020"
                        + "837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa" + "0006" + "0080" + "0043"
                        + "0010" + "0800" + "00000000");
        assertThat(EkTemplate.rsa2048()).hasSize(56 + 2 + 256);
    }

    @Test
    void theNameIsTheHashOfThePublicArea() {
        EndorsementKey key = EndorsementKey.of(area(EndorsementKeys.ONE));

        assertThat(key.name()).startsWith("000b").hasSize(4 + 64);
        assertThat(key).isNotEqualTo(EndorsementKey.of(area(EndorsementKeys.OTHER)));
        assertThat(key).isEqualTo(EndorsementKey.of(area(EndorsementKeys.ONE)));
    }

    @Test
    void aKeyOfAnotherKindIsRefused() {
        byte[] signing = area(EndorsementKeys.ONE);
        signing[5] ^= 0x04;

        assertThatExceptionOfType(TpmException.class).isThrownBy(() -> EndorsementKey.of(signing));
    }

    private static byte[] area(EkPublicArea key) {
        return Base64.getDecoder().decode(key.toBase64());
    }
}
