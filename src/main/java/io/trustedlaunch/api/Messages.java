package io.trustedlaunch.api;

/**
 * The bounds of texts in statuses. The API server rejects a longer one with the whole status, and one status holds what
 * guests, hosts and servers say: the records cut it off, so that no such word holds back the rest. And how such
 * texts are shown.
 */
public final class Messages {
    public static final int MAX_REASON = 1024;

    /** Less than Kubernetes allows: a guest, a node and a server can each cause long ones, in every status about them. */
    public static final int MAX_LENGTH = 4096;

    /** Limit of a version that a program reports. */
    public static final int MAX_VERSION = 64;

    /** An instant with nanoseconds has 30. */
    public static final int MAX_TIME = 40;

    /** Certificates in PEM. */
    public static final int MAX_CERTIFICATES = 16_384;

    private Messages() {}

    /**
     * Puts a text on one line, with ? for each character that a terminal carries out or that hides others. A writer of an object,
     * or of a sealed text, chooses its characters.
     */
    public static String printable(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}]", "?");
    }

    /** What a guest says, in one line and cut off; null if that leaves nothing. */
    public static String shown(String text, int max) {
        if (text == null) {
            return null;
        }
        String shown = printable(bounded(text, max)).strip();
        return shown.isEmpty() ? null : shown;
    }

    /** The message, cut off if the API server would reject it as too long. */
    public static String bounded(String message) {
        return bounded(message, MAX_LENGTH);
    }

    /** The text, cut off if it has more characters; never within one. */
    public static String bounded(String text, int max) {
        if (text == null || text.length() <= max) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(max - 1)) ? max - 1 : max);
    }
}
