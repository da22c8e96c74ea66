package io.trustedlaunch.agent.host;

/** A full disk, told apart from other troubles: neither Java nor QEMU's tools have more than the system's words. */
public final class NoSpace {
    private static final String IN_THE_SYSTEMS_WORDS = "No space left on device";
    private static final String QUOTA = "Disk quota exceeded";

    private NoSpace() {}

    public static boolean isCauseOf(Throwable failure) {
        return failure != null
                && ((failure.getMessage() != null && isSaidIn(failure.getMessage())) || isCauseOf(failure.getCause()));
    }

    public static boolean isSaidIn(String message) {
        return message.contains(IN_THE_SYSTEMS_WORDS) || message.contains(QUOTA);
    }
}
