package io.trustedlaunch.agent.tpm;

/** Finds the failure in the output of a swtpm that ended. */
final class SwtpmOutput {
    private SwtpmOutput() {}

    static TpmFailure failure(String output) {
        if (output.contains("Verification of HMAC failed")) {
            return new TpmFailure.WrongKey();
        }
        if (output.contains("decrypt") || output.contains("Decrypt") || output.contains("SWTPM_NVRAM_LoadData")) {
            return new TpmFailure.Damaged(firstLine(output));
        }
        return new TpmFailure.ToolFailed("swtpm did not start: " + firstLine(output));
    }

    private static String firstLine(String output) {
        return output.lines().filter(line -> !line.isBlank()).findFirst().orElse("no output");
    }
}
