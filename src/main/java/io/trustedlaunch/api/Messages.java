package io.trustedlaunch.api;

/** The bounds of reasons and messages, those of Kubernetes' conditions, and how they are shown. */
public final class Messages {
    static final int MAX_REASON = 1024;

    static final int MAX_LENGTH = 32_768;

    private Messages() {}

    /**
     * On one line and without characters that a terminal carries out or that hide others, with ? for each. Whoever can write to
     * an object, or seal a text, chooses its characters.
     */
    public static String printable(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}]", "?");
    }

    /** The message, cut off if the API server would reject it as too long. */
    public static String bounded(String message) {
        return message == null || message.length() <= MAX_LENGTH ? message : message.substring(0, MAX_LENGTH);
    }
}
