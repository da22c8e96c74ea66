package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;

/**
 * Why a VM is not in the state that its spec asks for.
 *
 * @param condition the condition that tells it, beside Ready
 */
public record Problem(ConditionType condition, Reason reason, String message) {
    public static Problem of(Reason reason, String message) {
        return new Problem(ConditionType.Ready, reason, message);
    }

    public static Problem placing(Reason reason, String message) {
        return new Problem(ConditionType.Placed, reason, message);
    }
}
