package io.trustedlaunch.operator.kube;

import io.trustedlaunch.api.Reason;

/** What an event says. */
public record Happening(Severity severity, Reason reason, String message) {
    /** The types of Kubernetes' events. */
    public enum Severity {
        Normal,
        Warning
    }

    public static Happening normal(Reason reason, String message) {
        return new Happening(Severity.Normal, reason, message);
    }

    public static Happening warning(Reason reason, String message) {
        return new Happening(Severity.Warning, reason, message);
    }
}
