package io.trustedlaunch.controller;

import io.trustedlaunch.api.Reason;

/** An event to be written. */
public record EventDraft(Severity severity, Reason reason, String message) {
    /** The types of events in Kubernetes. */
    public enum Severity {
        Normal,
        Warning
    }

    public static EventDraft normal(Reason reason, String message) {
        return new EventDraft(Severity.Normal, reason, message);
    }

    public static EventDraft warning(Reason reason, String message) {
        return new EventDraft(Severity.Warning, reason, message);
    }
}
