package io.trustedlaunch.gueststate;

/** The content verified, but is not in the form that is written. The message is a clause and quotes none of it. */
final class ContentDamagedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final GuestStateFault fault;

    ContentDamagedException(String message) {
        this(GuestStateFault.CONTENT_DAMAGED, message);
    }

    ContentDamagedException(GuestStateFault fault, String message) {
        super(message);
        this.fault = fault;
    }

    GuestStateFault fault() {
        return fault;
    }
}
