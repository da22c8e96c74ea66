package io.trustedlaunch.api;

/** The bounds of reasons and messages, those of Kubernetes' conditions: the API server rejects longer ones. */
public final class Messages {
    static final int MAX_REASON = 1024;

    static final int MAX_LENGTH = 32_768;

    private Messages() {}

    /** The message, cut off if it is too long. */
    public static String bounded(String message) {
        return message == null || message.length() <= MAX_LENGTH ? message : message.substring(0, MAX_LENGTH);
    }
}
