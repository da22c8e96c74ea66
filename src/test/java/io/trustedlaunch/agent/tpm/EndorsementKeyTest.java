package io.trustedlaunch.agent.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
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
        EndorsementKey key = EndorsementKey.of(publicArea((byte) 0xC3));

        assertThat(key.name()).startsWith("000b").hasSize(4 + 64);
        assertThat(key).isNotEqualTo(EndorsementKey.of(publicArea((byte) 0xC5)));
        assertThat(key).isEqualTo(EndorsementKey.of(publicArea((byte) 0xC3)));
    }

    @Test
    void aKeyOfAnotherKindIsRefused() {
        byte[] signing = publicArea((byte) 0xC3);
        signing[5] ^= 0x04;

        assertThatExceptionOfType(TpmException.class).isThrownBy(() -> EndorsementKey.of(signing));
    }

    private static byte[] publicArea(byte filling) {
        byte[] area = EkTemplate.rsa2048();
        Arrays.fill(area, area.length - 256, area.length, filling);
        return area;
    }
}
