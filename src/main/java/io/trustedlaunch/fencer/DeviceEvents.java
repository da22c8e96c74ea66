package io.trustedlaunch.fencer;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.FenceDeviceStatus;
import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.api.node.FenceDeviceStatus.Result;
import io.trustedlaunch.controller.EventDraft;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Events for the transitions of a FenceDevice. */
final class DeviceEvents {
    private DeviceEvents() {}

    /** @param before empty if there was no status yet */
    static List<EventDraft> of(Optional<FenceDeviceStatus> before, FenceDeviceStatus now) {
        return Stream.of(readiness(before, now), result(before, now))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<EventDraft> readiness(Optional<FenceDeviceStatus> before, FenceDeviceStatus now) {
        Condition ready = ConditionType.Ready.in(now.conditions()).orElseThrow();
        Optional<Condition> was = before.flatMap(status -> ConditionType.Ready.in(status.conditions()));
        if (was.filter(condition -> condition.getReason().equals(ready.getReason()))
                .isPresent()) {
            return Optional.empty();
        }
        Reason reason = Reason.valueOf(ready.getReason());
        return Optional.of(
                ready.getStatus().equals("True")
                        ? EventDraft.normal(reason, ready.getMessage())
                        : EventDraft.warning(reason, ready.getMessage()));
    }

    private static Optional<EventDraft> result(Optional<FenceDeviceStatus> before, FenceDeviceStatus now) {
        Result result = now.lastResult();
        if (result == null
                || before.map(FenceDeviceStatus::lastResult)
                        .filter(was -> was.fence().equals(result.fence())
                                && was.answers().equals(result.answers())
                                && was.power() == result.power())
                        .isPresent()) {
            return Optional.empty();
        }
        String message = "NodeFence " + result.fence() + ": " + result.message();
        return Optional.of(
                result.power() == Power.Off
                        ? EventDraft.normal(Reason.PoweredOff, message)
                        : EventDraft.warning(Reason.PowerOffFailed, message));
    }
}
