package io.trustedlaunch.fencer;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.FenceDeviceStatus;
import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.api.node.FenceDeviceStatus.Result;
import io.trustedlaunch.api.node.FenceDeviceStatusResultBuilder;
import io.trustedlaunch.api.node.MachineUuid;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.fencer.Fencing.Attempt;
import io.trustedlaunch.fencer.PowerCut.Observed;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Computes a FenceDevice's status from what its controller answered. */
final class DeviceStatus {
    private DeviceStatus() {}

    /** The status after a test. The result of the last attempt stays. */
    static FenceDeviceStatus tested(FenceDevice device, Inspection inspection, Instant now) {
        return status(
                device,
                inspection,
                device.status()
                        .map(FenceDeviceStatus::lastResult)
                        .map(result -> redated(result, now))
                        .orElse(null),
                now);
    }

    /** A time in the future is of a clock that was wrong. The attempt counts as one of now, so that it does not count for ever. */
    private static Result redated(Result result, Instant now) {
        return RecordedTime.isFuture(Instant.parse(result.time()), now)
                ? FenceDeviceStatusResultBuilder.builder(result).time(time(now)).build()
                : result;
    }

    static FenceDeviceStatus attempted(FenceDevice device, NodeFence fence, Attempt attempt, Instant now) {
        Inspection inspection = attempt.inspection();
        Optional<Observed> observed = attempt.observed();
        Result result = FenceDeviceStatusResultBuilder.builder()
                .fence(fence.getMetadata().getName())
                .answers(fence.getMetadata().getResourceVersion())
                .power(observed.map(Observed::power).orElse(Power.Unknown))
                .observations(observed.map(Observed::observations).orElse(List.of()))
                .machineUUID(inspection.uuid().map(MachineUuid::text).orElse(null))
                .time(time(now))
                .message(observed.map(Observed::message).orElseGet(() -> message(inspection)))
                .build();
        return status(device, inspection, result, now);
    }

    private static FenceDeviceStatus status(FenceDevice device, Inspection inspection, Result result, Instant now) {
        return new FenceDeviceStatus(
                device.getMetadata().getGeneration(),
                inspection.uuid().map(MachineUuid::text).orElse(null),
                time(now),
                result,
                new Conditions(device, now).all(ready(device, inspection, now)));
    }

    private static Condition ready(FenceDevice device, Inspection inspection, Instant now) {
        Conditions conditions = new Conditions(device, now);
        return switch (inspection) {
            case Inspection.Verified verified ->
                conditions.of(ConditionType.Ready, State.True, Reason.FenceDeviceReady, message(verified));
            case Inspection.Unverified unverified ->
                conditions.of(ConditionType.Ready, State.True, Reason.FenceDeviceUnverified, message(unverified));
            case Inspection.Refused refused ->
                conditions.of(
                        ConditionType.Ready, State.False, refused.problem().reason(), message(refused));
        };
    }

    private static String message(Inspection inspection) {
        return switch (inspection) {
            case Inspection.Verified verified ->
                verified.target().address() + verified.target().path().orElse("") + " is the node's machine, "
                        + verified.machine();
            case Inspection.Unverified unverified ->
                unverified.target().address()
                        + " answers over IPMI, where nothing proves which machine it is in: what it"
                        + " says supports a statement";
            case Inspection.Refused refused -> refused.problem().message();
        };
    }

    private static String time(Instant now) {
        return now.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
