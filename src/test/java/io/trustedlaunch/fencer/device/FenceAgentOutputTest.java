package io.trustedlaunch.fencer.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.process.Command;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FenceAgentOutputTest {
    private static final FenceTarget TARGET = target("10.0.0.1:8443");

    private static FenceTarget target(String address) {
        return FenceTargetBuilder.builder(FakeFenceAgent.TARGET)
                .address(address)
                .password("hunter2")
                .build();
    }

    @Test
    void anAgentSaysByCodeAndTextWhetherThePowerIsOn() throws FenceException {
        assertThat(FenceAgentOutput.power(TARGET, new Command.Result(0, false, "Status: ON\n")))
                .isEqualTo(Power.On);
        assertThat(FenceAgentOutput.power(TARGET, new Command.Result(2, false, "Status: OFF\n")))
                .isEqualTo(Power.Off);
    }

    @ParameterizedTest
    @CsvSource({
        // As an agent ends that does not understand its options.
        "2,''",
        "2,Failed: Unrecognised action 'status'",
        "0,Status: OFF",
        "2,Status: ON",
        "1,Status: OFF",
        "-1,Status: OFF",
        "2,The Status: OFF is shown if the machine is off",
        "0,''"
    })
    void anythingElseIsNoObservation(int exitCode, String output) {
        assertThatExceptionOfType(FenceException.class)
                .isThrownBy(() -> FenceAgentOutput.power(TARGET, new Command.Result(exitCode, exitCode < 0, output)));
    }

    @Test
    void aFailureIsToldInTheAgentsWordsWithoutTimesAndThePassword() {
        Command.Result ended = new Command.Result(1, false, """
                2026-11-27 22:22:00,436 ERROR: Failed: send_get_request: hunter2 refused

                2026-11-27 22:22:00,437 ERROR: Please use '-h' for usage
                """);
        assertThat(FenceAgentOutput.failure(TARGET, "off", ended).problem().message())
                .isEqualTo(
                        "fence_redfish for 10.0.0.1:8443: off ended with 1, ERROR: Failed: send_get_request: … refused:"
                                + " check the controller, its network, and the Secret");
    }

    @Test
    void aLongOutputIsCutOff() {
        String message = FenceAgentOutput.failure(TARGET, "off", new Command.Result(-1, true, "x".repeat(10_000)))
                .problem()
                .message();
        assertThat(message).contains("did not end in time").hasSizeLessThan(600);
    }

    @Test
    void optionsAreInQuotesSoThatSpacesAndQuotesOfAPasswordSurvive() {
        FenceTarget odd = FenceTargetBuilder.builder(TARGET).password(" \"=a ").build();
        assertThat(FenceAgents.options(odd, "off")).isEqualTo("""
                action="off"
                ip="10.0.0.1"
                ipport="8443"
                username="admin"
                password=" "=a "
                power_timeout="30"
                ssl_secure="1"
                systems_uri="/redfish/v1/Systems/a"
                """);
    }

    @ParameterizedTest
    @CsvSource({"bmc-a,bmc-a,", "bmc-a:443,bmc-a,443", "[fd00::1],[fd00::1],", "[fd00::1]:8443,[fd00::1],8443"})
    void anAddressHasAHostAndPerhapsAPort(String address, String host, String port) {
        assertThat(target(address).host()).isEqualTo(host);
        assertThat(target(address).port()).isEqualTo(Optional.ofNullable(port));
    }

    @Test
    void aTargetDoesNotPrintItsPassword() {
        assertThat(TARGET).hasToString("fence_redfish 10.0.0.1:8443");
    }
}
