package io.trustedlaunch.protocol;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;

/** Objects in a line each, for messages of tests. */
final class Descriptions {
    private Descriptions() {}

    static String of(TrustedLaunchVMStatus status) {
        if (status == null) {
            return "no status";
        }
        String ready = ConditionType.Ready.in(status.conditions())
                .map(condition -> condition.getReason() + ": " + condition.getMessage())
                .orElse("");
        return "epoch " + status.epoch() + " on " + status.nodeName() + ", " + status.phase() + ", " + ready
                + (status.vTPM() == null
                        ? ""
                        : "; EK " + status.vTPM().ekDigest().substring(0, 8))
                + (status.guestState() == null
                        ? ""
                        : "; floor " + status.guestState().floor() + ", "
                                + status.guestState().home())
                + (status.migration() == null ? "" : "; " + status.migration());
    }

    static String of(ClusterNode node) {
        return node.getMetadata().getName() + ": "
                + (node.getStatus() == null ? "no status" : node.getStatus().answer());
    }

    static String of(VMIncarnation incarnation) {
        String wanted = incarnation.getMetadata().getName() + " on "
                + incarnation.getSpec().nodeName() + " should be "
                + incarnation.getSpec().desiredState();
        VMIncarnationStatus status = incarnation.getStatus();
        return status == null
                ? wanted + ", no status"
                : wanted + ", is " + status.phase() + " (" + status.reason() + ": " + status.message() + "), exit "
                        + status.exit() + ", state " + status.guestState() + ", departure " + status.departure();
    }
}
