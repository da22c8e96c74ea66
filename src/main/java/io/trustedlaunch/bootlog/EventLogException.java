package io.trustedlaunch.bootlog;

/** The bytes are no event log. */
public final class EventLogException extends Exception {
    private static final long serialVersionUID = 1;

    private final int offset;

    EventLogException(int offset, String fact) {
        super("the event log is malformed at byte " + offset + ": " + fact);
        this.offset = offset;
    }

    /** Where in the log, in bytes. */
    public int offset() {
        return offset;
    }
}
