package io.trustedlaunch.console;

/** What an agent says to the client of a console. */
public sealed interface Frame {
    /** The client is let in, and what it sends from now on reaches the guest. The first that is said. */
    record Opened() implements Frame {}

    /** What the guest has written: bytes of a guest, which nobody has looked into. */
    record Output(byte[] bytes) implements Frame {}

    /** The console is not here, or not any more: where it is now, if anywhere, its VMConsole tells. */
    record Away(String why) implements Frame {}

    /** The session is over. */
    record Ended(String why) implements Frame {}
}
