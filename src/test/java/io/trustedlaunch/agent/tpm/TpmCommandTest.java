package io.trustedlaunch.agent.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The expected bytes follow TPM 2.0 Part 3 and were compared with those that tpm2-tools sends. */
class TpmCommandTest {
    private static final String EMPTY_PASSWORD = "00000009" + "40000009" + "0000" + "00" + "0000";

    @Test
    void clearControlEnablesClear() {
        assertThat(hex(TpmCommand.allowClear().marshal()))
                .isEqualTo("8002" + "0000001c" + "00000127" + "4000000c" + EMPTY_PASSWORD + "00");
    }

    @Test
    void clearIsAuthorizedByThePlatform() {
        assertThat(hex(TpmCommand.clear().marshal()))
                .isEqualTo("8002" + "0000001b" + "00000126" + "4000000c" + EMPTY_PASSWORD);
    }

    @Test
    void createPrimaryHasTheTemplateAndTheEndorsementHierarchy() {
        byte[] template = {1, 2, 3};

        assertThat(hex(TpmCommand.createEndorsementKey(template).marshal()))
                .isEqualTo("8002" + "0000002c" + "00000131" + "4000000b" + EMPTY_PASSWORD + "0004" + "00000000" + "0003"
                        + "010203" + "0000" + "00000000");
    }

    @Test
    void aCommandWithoutSessionsHasNoAuthorizationArea() {
        assertThat(hex(TpmCommand.readPublic(0x81010001).marshal()))
                .isEqualTo("8001" + "0000000e" + "00000173" + "81010001");
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
