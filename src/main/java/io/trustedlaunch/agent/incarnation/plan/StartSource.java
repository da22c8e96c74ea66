package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.api.GuestStateVersion;

/** Where the guest state of a start comes from. */
public sealed interface StartSource {
    /** The VM never had a TPM: one is made. */
    record NewTpm() implements StartSource {}

    /** A TPM that was made here for a start that did not complete, and that was never sealed. */
    record TpmMadeHere() implements StartSource {}

    /** The working copy is replaced. */
    record FromHome(GuestStateVersion version) implements StartSource {}
}
