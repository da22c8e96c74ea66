package io.trustedlaunch.gueststate;

/** What verified is not what is written here. The message is a clause and holds nothing of the content. */
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
