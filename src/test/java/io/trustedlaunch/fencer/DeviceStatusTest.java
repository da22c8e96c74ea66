package io.trustedlaunch.fencer;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.FenceDeviceStatus;
import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.api.node.FenceDeviceStatusResultBuilder;
import io.trustedlaunch.api.node.MachineUuid;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.fencer.Fencing.Attempt;
import io.trustedlaunch.fencer.PowerCut.Observed;
import io.trustedlaunch.fencer.device.FakeFenceAgent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeviceStatusTest {
    private static final Instant NOW = Instant.parse("2026-01-01T10:00:00.5Z");
    private static final MachineUuid MACHINE =
            MachineUuid.parse(Devices.MACHINE).orElseThrow();
    private static final Inspection VERIFIED = new Inspection.Verified(FakeFenceAgent.TARGET, MACHINE);
    private static final Inspection REFUSED =
            new Inspection.Refused(new Problem(Reason.WrongPassword, "bmc-a answers 401"), Optional.empty());
    private static final Observed OFF = new Observed(Power.Off, List.of("Off at 1", "Off at 2"), "it is off");

    @Test
    void aTestSaysWhetherTheDeviceIsReady() {
        FenceDeviceStatus ready = DeviceStatus.tested(Devices.device(), VERIFIED, NOW);
        assertThat(ready.observedGeneration()).isEqualTo(3);
        assertThat(ready.machineUUID()).isEqualTo(Devices.MACHINE);
        assertThat(ready.lastTestTime()).isEqualTo("2026-01-01T10:00:00Z");
        assertThat(readiness(ready))
                .isEqualTo("True FenceDeviceReady bmc-a:8443/redfish/v1/Systems/a is the node's machine, "
                        + Devices.MACHINE);
        assertThat(readiness(DeviceStatus.tested(Devices.device(), REFUSED, NOW)))
                .isEqualTo("False WrongPassword bmc-a answers 401");
        assertThat(readiness(
                        DeviceStatus.tested(Devices.device(), new Inspection.Unverified(FakeFenceAgent.TARGET), NOW)))
                .startsWith("True FenceDeviceUnverified bmc-a:8443 answers over IPMI");
    }

    @Test
    void anAttemptAnswersItsFence() {
        FenceDeviceStatus.Result result =
                attempted(Devices.device(), VERIFIED, Optional.of(OFF)).lastResult();
        assertThat(result)
                .isEqualTo(FenceDeviceStatusResultBuilder.builder()
                        .fence("host-a-3f0c1b2a")
                        .answers("17")
                        .power(Power.Off)
                        .observations(List.of("Off at 1", "Off at 2"))
                        .machineUUID(Devices.MACHINE)
                        .time("2026-01-01T10:00:00Z")
                        .message("it is off")
                        .build());
    }

    @Test
    void whatWasNotAllowedIsAnsweredWithTheReason() {
        FenceDeviceStatus status = attempted(Devices.device(), REFUSED, Optional.empty());
        assertThat(status.lastResult().power()).isEqualTo(Power.Unknown);
        assertThat(status.lastResult().message()).isEqualTo("bmc-a answers 401");
        assertThat(readiness(status)).startsWith("False WrongPassword");
    }

    @Test
    void aTestLeavesTheLastResult() {
        FenceDevice after = withStatus(attempted(Devices.device(), VERIFIED, Optional.of(OFF)));
        assertThat(DeviceStatus.tested(after, REFUSED, NOW).lastResult())
                .isEqualTo(after.getStatus().lastResult());
    }

    /** Otherwise it would count as the last attempt for years. */
    @Test
    void anAttemptOfTheFutureIsOneOfNow() {
        FenceDevice ahead = withStatus(DeviceStatus.attempted(
                Devices.device(),
                Devices.fence(),
                new Attempt(VERIFIED, Optional.of(OFF)),
                NOW.plus(Duration.ofDays(1461))));
        assertThat(DeviceStatus.tested(ahead, VERIFIED, NOW).lastResult())
                .isEqualTo(
                        FenceDeviceStatusResultBuilder.builder(ahead.getStatus().lastResult())
                                .time("2026-01-01T10:00:00Z")
                                .build());
    }

    @Test
    void aTransitionIsAnEventOnce() {
        FenceDeviceStatus ready = DeviceStatus.tested(Devices.device(), VERIFIED, NOW);
        assertThat(events(Optional.empty(), ready)).containsExactly("Normal FenceDeviceReady");
        assertThat(events(Optional.of(ready), ready)).isEmpty();
        FenceDeviceStatus refused = DeviceStatus.tested(withStatus(ready), REFUSED, NOW);
        assertThat(events(Optional.of(ready), refused)).containsExactly("Warning WrongPassword");
        assertThat(events(Optional.of(refused), ready)).containsExactly("Normal FenceDeviceReady");
    }

    @Test
    void aResultIsAnEventOnce() {
        FenceDeviceStatus ready = DeviceStatus.tested(Devices.device(), VERIFIED, NOW);
        Observed on = new Observed(Power.On, List.of("On at 1"), "still on");
        FenceDeviceStatus failed = attempted(withStatus(ready), VERIFIED, Optional.of(on));
        assertThat(DeviceEvents.of(Optional.of(ready), failed))
                .containsExactly(EventDraft.warning(Reason.PowerOffFailed, "NodeFence host-a-3f0c1b2a: still on"));
        FenceDeviceStatus again = DeviceStatus.attempted(
                withStatus(failed), Devices.fence(), new Attempt(VERIFIED, Optional.of(on)), NOW.plusSeconds(10));
        assertThat(DeviceEvents.of(Optional.of(failed), again)).isEmpty();
        FenceDeviceStatus off = attempted(withStatus(again), VERIFIED, Optional.of(OFF));
        assertThat(events(Optional.of(again), off)).containsExactly("Normal PoweredOff");
    }

    private static List<String> events(Optional<FenceDeviceStatus> before, FenceDeviceStatus now) {
        return DeviceEvents.of(before, now).stream()
                .map(event -> event.severity() + " " + event.reason())
                .toList();
    }

    private static FenceDeviceStatus attempted(FenceDevice device, Inspection inspection, Optional<Observed> observed) {
        return DeviceStatus.attempted(device, Devices.fence(), new Attempt(inspection, observed), NOW);
    }

    private static FenceDevice withStatus(FenceDeviceStatus status) {
        FenceDevice device = Devices.device();
        device.setStatus(status);
        return device;
    }

    private static String readiness(FenceDeviceStatus status) {
        return ConditionType.Ready.in(status.conditions())
                .map(ready -> ready.getStatus() + " " + ready.getReason() + " " + ready.getMessage())
                .orElseThrow();
    }
}
