package io.trustedlaunch.custody;

/** The result of opening a {@link KeyWrappedMessage} or a {@link RecoveryMessage}. */
public sealed interface Unsealing {
    /** The content, whole and verified. */
    record Unsealed(byte[] content) implements Unsealing {
        @Override
        public String toString() {
            return "Unsealed[" + content.length + " bytes]";
        }
    }

    /** Nothing of it may be used. In the message, a clause, "it" is the file. */
    record Refused(SealFault fault, String message) implements Unsealing {}
}
