package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;

/**
 * Why a VM is not in the state that its spec asks for.
 *
 * @param condition the condition that tells it, beside Ready
 */
public record Obstacle(ConditionType condition, Reason reason, String message) {
    static Obstacle of(Reason reason, String message) {
        return new Obstacle(ConditionType.Ready, reason, message);
    }

    static Obstacle placing(Reason reason, String message) {
        return new Obstacle(ConditionType.Placed, reason, message);
    }
}
