package io.trustedlaunch.fencer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.fencer.device.FakeFenceAgent;
import io.trustedlaunch.fencer.device.FenceException;
import io.trustedlaunch.fencer.device.FenceTarget;
import io.trustedlaunch.fencer.device.FenceTargetBuilder;
import io.trustedlaunch.testkit.ServerCertificate;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FenceSecretTest {
    @TempDir
    static Path folder;

    private static String authority;

    @BeforeAll
    static void makeAuthority() throws Exception {
        authority = ServerCertificate.make(folder, 1).authority();
    }

    @Test
    void aSecretHasWhatTheControllerIsAskedWith() throws FenceException {
        assertThat(target("{}", Map.of("ca.crt", authority)))
                .isEqualTo(FenceTargetBuilder.builder(FakeFenceAgent.TARGET)
                        .caBundle(authority)
                        .build());
    }

    @Test
    void overIpmiThereIsNoAuthority() throws FenceException {
        FenceTarget target = target("spec: {agent: fence_ipmilan, systemsURI: null}", Map.of("ca.crt", ""));
        assertThat(target.caBundle()).isEmpty();
        assertThat(target.path()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "nodeName, host-b, is for another nodeName than the FenceDevice, which has host-a",
                "address, evil.example, `is for another address than the FenceDevice, which has bmc-a:8443`",
                "nodeName, ``, lacks the key nodeName",
                "address, ``, lacks the key address",
                "username, ``, lacks the key username",
                "password, ``, lacks the key password",
                "ca.crt, ``, lacks the key ca.crt",
                "ca.crt, authority, has a ca.crt that",
                "password, `hunter2\n`, has a password that is not 1 to 128 printable ASCII characters",
                "password, `a\nip=evil.example`, has a password",
                "username, ädmin, has a username",
            })
    void anyOtherSecretIsRefusedAndNothingOfItIsTold(String key, String value, String message) {
        Map<String, String> changes =
                key.equals("ca.crt") ? Map.of(key, value) : Map.of("ca.crt", authority, key, value);
        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> target("{}", changes))
                .withMessageContaining("Secret bmc-a in namespace fencing " + message)
                .withMessageNotContaining("hunter2")
                .withMessageNotContaining("evil")
                .matches(e -> e.problem().reason() == Reason.FenceSecretInvalid);
    }

    @Test
    void aSecretThatIsNotThereIsAProblemOfItsOwn() {
        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> FenceSecret.target(Devices.device().getSpec(), Devices.NAMESPACE, Optional.empty()))
                .withMessage(
                        "spec.secretRef names bmc-a: there is no such Secret in namespace fencing; create it there")
                .matches(e -> e.problem().reason() == Reason.FenceSecretNotFound);
    }

    private static FenceTarget target(String change, Map<String, String> secret) throws FenceException {
        return FenceSecret.target(
                Devices.device(change).getSpec(), Devices.NAMESPACE, Optional.of(Devices.secret(secret)));
    }
}
