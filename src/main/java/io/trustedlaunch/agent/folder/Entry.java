package io.trustedlaunch.agent.folder;

import io.trustedlaunch.api.Problem;

/** The answer of the gate before a VM's folder. */
public sealed interface Entry {
    /** Closed by the caller, at the end of the step. */
    record Granted(Permit permit) implements Entry {}

    /**
     * A record that must exist first does not yet, it is not known whether the API server's data is current, or another act on the
     * folder has not ended. That passes by itself.
     */
    record Awaited() implements Entry {}

    record Refused(Problem problem) implements Entry {}

    /** The VM, as the API server has it now, is another incarnation's: this one never runs, and its files are not its own. */
    record Superseded(Problem problem) implements Entry {}
}
