package io.trustedlaunch.agent.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class TpmResponseTest {
    @Test
    void parametersFollowTheHandlesAndTheirSize() {
        TpmResponse response = TpmResponse.unmarshal(
                bytes("8002" + "0000001b" + "00000000" + "80000000" + "00000004" + "0002" + "beef" + "0000010000"));

        assertThat(response.succeeded()).isTrue();
        assertThat(response.parameters(1).sized()).containsExactly(0xbe, 0xef);
    }

    @Test
    void withoutSessionsThereIsNoParameterSize() {
        TpmResponse response = TpmResponse.unmarshal(bytes("8001" + "0000000e" + "00000000" + "0002" + "beef"));

        assertThat(response.parameters(0).sized()).containsExactly(0xbe, 0xef);
    }

    @Test
    void anErrorHasItsCode() {
        TpmResponse response = TpmResponse.unmarshal(bytes("8001" + "0000000a" + "00000101"));

        assertThat(response.succeeded()).isFalse();
        assertThat(response.code()).isEqualTo(0x101);
    }

    @Test
    void aResponseThatContradictsItsSizeIsRefused() {
        assertThatExceptionOfType(TpmException.class)
                .isThrownBy(() -> TpmResponse.unmarshal(bytes("8001" + "0000000b" + "00000000")));
    }

    @Test
    void aBufferLongerThanItsResponseIsRefused() {
        TpmResponse response = TpmResponse.unmarshal(bytes("8001" + "0000000e" + "00000000" + "ffff" + "beef"));

        assertThatExceptionOfType(TpmException.class)
                .isThrownBy(() -> response.parameters(0).sized());
        assertThatExceptionOfType(TpmException.class).isThrownBy(() -> response.parameters(2));
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
