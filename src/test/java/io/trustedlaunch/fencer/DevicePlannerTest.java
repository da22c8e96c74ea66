package io.trustedlaunch.fencer;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.fencer.DeviceStep.Cut;
import io.trustedlaunch.fencer.DeviceStep.Inspect;
import io.trustedlaunch.fencer.DeviceStep.Wait;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DevicePlannerTest {
    private static final Instant TESTED = Instant.parse("2026-01-01T10:00:00Z");
    private static final String READY = """
            status:
              observedGeneration: 3
              lastTestTime: "2026-01-01T10:00:00Z"
              conditions: [{type: Ready, status: "True", reason: FenceDeviceReady, message: m}]
            """;
    private static final String NOT_READY = """
            status: {conditions: [{type: Ready, status: "False", reason: WrongPassword, message: m}]}
            """;
    private static final String OFF = """
            status:
              lastResult: {fence: host-a-3f0c1b2a, answers: "17", power: "Off", time: "2026-01-01T10:00:00Z"}
            """;

    @Test
    void aNewDeviceIsTested() {
        assertThat(next(Devices.device(), TESTED)).isEqualTo(new Inspect());
        // As the API server makes it.
        assertThat(next(Devices.device("status: {observedGeneration: -1}"), TESTED))
                .isEqualTo(new Inspect());
    }

    @Test
    void aDeviceIsTestedOnceADay() {
        assertThat(next(Devices.device(READY), TESTED.plus(Duration.ofHours(23))))
                .isEqualTo(new Wait(Duration.ofHours(1)));
        assertThat(next(Devices.device(READY), TESTED.plus(Duration.ofDays(1)))).isEqualTo(new Inspect());
    }

    @Test
    void aDeviceThatDidNotAnswerAsItShouldIsTestedAgainSoon() {
        assertThat(next(Devices.device(READY, NOT_READY), TESTED.plus(Duration.ofMinutes(1))))
                .isEqualTo(new Wait(Duration.ofMinutes(4)));
        assertThat(next(Devices.device(READY, NOT_READY), TESTED.plus(Duration.ofMinutes(5))))
                .isEqualTo(new Inspect());
    }

    /** Its agent was started after the FenceDevice was made. */
    @Test
    void aDeviceOfAnUnknownMachineIsTestedAgainAsSoonAsItMayBeKnown() {
        FenceDevice unknown = Devices.device(READY, NOT_READY.replace("WrongPassword", "MachineUnknown"));
        assertThat(next(unknown, TESTED.plusSeconds(10))).isEqualTo(new Wait(Duration.ofSeconds(20)));
        assertThat(next(unknown, TESTED.plusSeconds(30))).isEqualTo(new Inspect());
    }

    @Test
    void aChangedSpecIsTestedAtOnce() {
        assertThat(next(Devices.device(READY, "metadata: {generation: 4}"), TESTED))
                .isEqualTo(new Inspect());
    }

    @Test
    void aClockThatWasSetBackDoesNotHoldUpATest() {
        assertThat(next(Devices.device(READY), TESTED.minus(Duration.ofDays(30))))
                .isEqualTo(new Inspect());
    }

    @Test
    void aFenceComesBeforeATest() {
        NodeFence fence = Devices.fence();
        assertThat(next(Devices.device(), TESTED, fence)).isEqualTo(new Cut(fence));
        assertThat(next(Devices.device(READY), TESTED, fence)).isEqualTo(new Cut(fence));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status: {phase: Requested}",
                "status: {phase: Proved}",
                "status: {phase: Released}",
                "status: {phase: Contradicted}",
                "status: {phase: Failed}",
                "status: null",
                "spec: {method: Statement}",
                "spec: {method: OutOfService}",
                "metadata: {deletionTimestamp: \"2026-01-01T10:00:00Z\"}"
            })
    void nothingIsSwitchedForAnyOtherFence(String change) {
        assertThat(next(Devices.device(READY), TESTED, Devices.fence(change))).isEqualTo(new Wait(Duration.ofDays(1)));
    }

    @Test
    void afterThePowerIsOffTheFenceIsAnswered() {
        assertThat(next(Devices.device(READY, OFF), TESTED, Devices.fence())).isEqualTo(new Wait(Duration.ofDays(1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"On", "Unknown"})
    void aFailedAttemptIsRepeatedAfterAWhile(String power) {
        FenceDevice failed = Devices.device(READY, OFF, "status: {lastResult: {power: \"" + power + "\"}}");
        NodeFence fence = Devices.fence();
        assertThat(next(failed, TESTED.plusSeconds(4), fence)).isEqualTo(new Wait(Duration.ofSeconds(6)));
        assertThat(next(failed, TESTED.plusSeconds(10), fence)).isEqualTo(new Cut(fence));
        assertThat(next(failed, TESTED.minusSeconds(3600), fence)).isEqualTo(new Cut(fence));
    }

    /** The word of a controller that was caught lying must not answer the next question too. */
    @Test
    void aFenceThatBeginsAnewIsNotAnsweredByAnEarlierResult() {
        NodeFence again = Devices.fence("metadata: {resourceVersion: \"18\"}");
        assertThat(next(Devices.device(READY, OFF), TESTED, again)).isEqualTo(new Cut(again));
        NodeFence other = Devices.fence("metadata: {name: host-a-00000000}");
        assertThat(next(Devices.device(READY, OFF), TESTED, other)).isEqualTo(new Cut(other));
    }

    @Test
    void ofTwoFencesTheLaterOneComesFirst() {
        NodeFence earlier =
                Devices.fence("metadata: {name: host-a-00000000, creationTimestamp: \"2026-01-01T09:59:59Z\"}");
        NodeFence later = Devices.fence();
        assertThat(next(Devices.device(READY), TESTED, earlier, later)).isEqualTo(new Cut(later));
        assertThat(next(Devices.device(READY, OFF), TESTED, earlier, later)).isEqualTo(new Cut(earlier));
    }

    private static DeviceStep next(FenceDevice device, Instant now, NodeFence... fences) {
        return DevicePlanner.next(new DeviceFacts(device, List.of(fences), now));
    }

    @Nested
    class TheNextTest extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return DevicePlanner.TEST_INTERVAL;
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            return next(Devices.device(READY, "status: {lastTestTime: \"" + since + "\"}"), now) instanceof Wait;
        }
    }

    @Nested
    class TheNextAttempt extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return DevicePlanner.RETRY;
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            FenceDevice failed =
                    Devices.device(READY, OFF, "status: {lastResult: {power: \"On\", time: \"" + since + "\"}}");
            return next(failed, now, Devices.fence()) instanceof Wait;
        }
    }
}
