package io.trustedlaunch.custody;

/** The recipient of an envelope: one incarnation of one VM on one node. */
public record EnvelopeAddress(String vmUid, long epoch, String nodeName) {
    private static final int MAX_NAME = 253;

    public EnvelopeAddress {
        requireName("VM UID", vmUid);
        requireName("node name", nodeName);
        if (epoch < 1) {
            throw new IllegalArgumentException("epochs start at 1, not " + epoch);
        }
    }

    private static void requireName(String what, String value) {
        if (value.isBlank() || value.length() > MAX_NAME) {
            throw new IllegalArgumentException(what + " has " + value.length() + " characters");
        }
    }
}
