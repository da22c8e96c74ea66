package io.trustedlaunch.fencer;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.api.node.MachineUuid;
import io.trustedlaunch.fencer.PowerCut.Observed;
import io.trustedlaunch.fencer.device.FakeFenceAgent;
import io.trustedlaunch.fencer.device.FenceTarget;
import io.trustedlaunch.fencer.device.FenceTargetBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PowerCutTest {
    private final FakeFenceAgent bmc = new FakeFenceAgent();
    private Instant now = Instant.parse("2026-01-01T10:00:00Z");
    private Runnable inBetween = () -> {};

    @Test
    void offCountsOnceItWasObservedTwice() {
        Observed observed = cut(FakeFenceAgent.TARGET);
        assertThat(observed.power()).isEqualTo(Power.Off);
        assertThat(observed.observations())
                .containsExactly("Off at 2026-01-01T10:00:00Z", "Off at 2026-01-01T10:00:03Z");
        assertThat(observed.message()).isEqualTo("machine dd1f0b6f-7e2c-45ed-8737-b6004f4224cf is off, observed twice");
        assertThat(bmc.switched).isEqualTo(1);
    }

    @Test
    void aMachineThatIsOnlyRestartedIsNotOff() {
        inBetween = () -> bmc.power = Power.On;
        Observed observed = cut(FakeFenceAgent.TARGET);
        assertThat(observed.power()).isEqualTo(Power.On);
        assertThat(observed.observations())
                .containsExactly("Off at 2026-01-01T10:00:00Z", "On at 2026-01-01T10:00:03Z");
    }

    @Test
    void aSwitchThatAnswersAndDoesNothingProvesNothing() {
        bmc.switchStuck = true;
        Observed observed = cut(FakeFenceAgent.TARGET);
        assertThat(observed.power()).isEqualTo(Power.On);
        assertThat(observed.message()).contains("the machine is On although its power was cut");
    }

    @Test
    void noAnswerProvesNothingWhereverItBegins() {
        for (int question = 0; question < 4; question++) {
            FakeFenceAgent silent = new FakeFenceAgent();
            for (int before = 0; before < question; before++) {
                silent.beforeQuestions.add(() -> {});
            }
            silent.beforeQuestions.add(() -> silent.reachable = false);
            Observed observed = new PowerCut(silent, time -> {}, () -> now)
                    .cut(FakeFenceAgent.TARGET, MachineUuid.parse(silent.uuid));
            assertThat(observed.power()).as("silent from question %d", question).isEqualTo(Power.Unknown);
            assertThat(observed.message()).contains("does not answer");
        }
    }

    @Test
    void anotherMachineBehindTheAddressProvesNothing() {
        inBetween = () -> bmc.uuid = "00000000-7e2c-45ed-8737-b6004f4224cf";
        Observed observed = cut(FakeFenceAgent.TARGET);
        assertThat(observed.power()).isEqualTo(Power.Unknown);
        assertThat(observed.message())
                .contains("was in machine dd1f0b6f")
                .contains("and is now in 00000000-7e2c")
                .contains("check spec.address");
    }

    @Test
    void aSwitchThatFailsWhileTheMachineIsOffIsOff() {
        bmc.power = Power.Off;
        bmc.beforeQuestions.add(() -> bmc.reachable = false);
        bmc.beforeQuestions.add(() -> bmc.reachable = true);
        assertThat(cut(FakeFenceAgent.TARGET).power()).isEqualTo(Power.Off);
    }

    @Test
    void overIpmiTheMessageSaysThatItProvesNothing() {
        FenceTarget ipmi = FenceTargetBuilder.builder(FakeFenceAgent.TARGET)
                .agent(Agent.fence_ipmilan)
                .path(Optional.empty())
                .build();
        Observed observed = new PowerCut(bmc, time -> {}, () -> now).cut(ipmi, Optional.empty());
        assertThat(observed.power()).isEqualTo(Power.Off);
        assertThat(observed.message()).contains("supports a statement and proves nothing");
    }

    private Observed cut(FenceTarget target) {
        return new PowerCut(bmc, this::pause, () -> now).cut(target, MachineUuid.parse(bmc.uuid));
    }

    private void pause(Duration time) {
        now = now.plus(time);
        inBetween.run();
    }
}
