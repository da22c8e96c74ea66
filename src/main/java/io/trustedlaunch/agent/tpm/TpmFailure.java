package io.trustedlaunch.agent.tpm;

import java.nio.file.Path;
import java.time.Duration;

/** Why a TPM could not be made or read: a closed set, so that callers decide on each. None is ever repaired here. */
public sealed interface TpmFailure {
    String message();

    /** The state file is not there, or is empty. */
    record StateMissing(Path file) implements TpmFailure {
        @Override
        public String message() {
            return "the TPM state is missing or empty: " + file;
        }
    }

    /**
     * The state does not open with this key: it was sealed with another one, or altered since. The check value that
     * swtpm keeps with it cannot tell the two apart.
     */
    record WrongKey() implements TpmFailure {
        @Override
        public String message() {
            return "the TPM state does not open with this VM's key: another key, or altered state";
        }
    }

    /** The state is cut short, or is not a TPM's state at all. */
    record Damaged(String detail) implements TpmFailure {
        @Override
        public String message() {
            return "the TPM state is damaged: " + detail;
        }
    }

    record TimedOut(Duration after) implements TpmFailure {
        @Override
        public String message() {
            return "swtpm did not answer within " + after.toMillis() + " ms";
        }
    }

    /** swtpm answered with something that is no answer. */
    record ProtocolBroken(String detail) implements TpmFailure {
        @Override
        public String message() {
            return detail;
        }
    }

    /** The TPM refused a command that it must carry out. */
    record CommandRefused(String command, int code) implements TpmFailure {
        @Override
        public String message() {
            return "the TPM refused " + command + " with 0x" + Integer.toHexString(code);
        }
    }

    /** swtpm or swtpm_setup cannot run on this host, or the host's file system says no. */
    record ToolFailed(String detail) implements TpmFailure {
        @Override
        public String message() {
            return detail;
        }
    }
}
