package io.trustedlaunch.files;

/** Recognizes a full disk by the system's message: neither Java nor QEMU's tools report more. */
public final class NoSpace {
    private static final String DISK_FULL = "No space left on device";
    private static final String QUOTA = "Disk quota exceeded";

    private NoSpace() {}

    public static boolean isCauseOf(Throwable failure) {
        return failure != null
                && ((failure.getMessage() != null && isReportedIn(failure.getMessage()))
                        || isCauseOf(failure.getCause()));
    }

    /** The next step after a failure to write, for its message. */
    public static String nextStep(Throwable failure, String otherwise) {
        return isCauseOf(failure) ? "free or add space" : otherwise;
    }

    public static boolean isReportedIn(String message) {
        return message.contains(DISK_FULL) || message.contains(QUOTA);
    }
}
