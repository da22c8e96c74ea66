package io.trustedlaunch.custody;

/** What came of opening a {@link KeyWrappedMessage}. */
public sealed interface Unsealing {
    /** What was sealed, whole and verified. */
    record Unsealed(byte[] content) implements Unsealing {
        @Override
        public String toString() {
            return "Unsealed[" + content.length + " bytes]";
        }
    }

    /** Nothing of it may be used. The message is a clause whose subject, "it", is the file. */
    record Refused(SealFault fault, String message) implements Unsealing {}
}
