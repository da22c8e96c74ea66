package io.trustedlaunch.agent.tpm;

/** What swtpm's last words say about the state that it was started on. */
final class SwtpmVerdict {
    private SwtpmVerdict() {}

    /** For a swtpm that ended before it listened. */
    static TpmFailure of(String output) {
        if (output.contains("Verification of HMAC failed")) {
            return new TpmFailure.WrongKey();
        }
        if (output.contains("decrypt") || output.contains("Decrypt") || output.contains("SWTPM_NVRAM_LoadData")) {
            return new TpmFailure.Damaged(firstLine(output));
        }
        return new TpmFailure.ToolFailed("swtpm did not start: " + firstLine(output));
    }

    private static String firstLine(String output) {
        return output.lines().filter(line -> !line.isBlank()).findFirst().orElse("without a word");
    }
}
