package io.trustedlaunch.agent.tpm;

import java.nio.file.Path;
import java.time.Duration;

/** Why a TPM could not be made or read. The agent never repairs a TPM. */
public sealed interface TpmFailure {
    String message();

    /** The state file does not exist or is empty. */
    record StateMissing(Path file) implements TpmFailure {
        @Override
        public String message() {
            return "the TPM state is missing or empty: " + file;
        }
    }

    /**
     * The state was encrypted with another key, or altered. The HMAC that swtpm stores with it fails in both cases.
     */
    record WrongKey() implements TpmFailure {
        @Override
        public String message() {
            return "the TPM state cannot be decrypted with this VM's key: it was encrypted with another key, or altered";
        }
    }

    /** The state is truncated, or is not the state of a TPM. */
    record Damaged(String detail) implements TpmFailure {
        @Override
        public String message() {
            return "the TPM state is damaged: " + detail;
        }
    }

    record TimedOut(Duration after) implements TpmFailure {
        @Override
        public String message() {
            return "swtpm did not respond within " + after.toMillis() + " ms";
        }
    }

    /** swtpm sent an invalid response. */
    record ProtocolBroken(String detail) implements TpmFailure {
        @Override
        public String message() {
            return detail;
        }
    }

    /** The TPM refused a command that must succeed. */
    record CommandRefused(String command, int code) implements TpmFailure {
        @Override
        public String message() {
            return "the TPM refused " + command + " with response code 0x" + Integer.toHexString(code);
        }
    }

    /** swtpm or swtpm_setup failed, or an operation on the host's file system did. */
    record ToolFailed(String detail) implements TpmFailure {
        @Override
        public String message() {
            return detail;
        }
    }
}
