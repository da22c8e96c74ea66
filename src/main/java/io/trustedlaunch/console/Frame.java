package io.trustedlaunch.console;

/** A message from an agent to the client of a console. */
public sealed interface Frame {
    /** The first frame: the client is admitted, and its input reaches the guest from now on. */
    record Opened() implements Frame {}

    /** Output of the guest, or what draws its screen: untrusted bytes. */
    record Output(byte[] bytes) implements Frame {}

    /** The console is not, or no longer, on this node: see the VMConsole for its node. */
    record Away(String why) implements Frame {}

    /** The session is over. */
    record Ended(String why) implements Frame {}
}
