package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.api.GuestStateVersion;

/** Where the guest state of a start comes from. */
public sealed interface StartSource {
    /** The VM never had a TPM: one is made. */
    record NewTpm() implements StartSource {}

    /** A TPM that was made here for a start that came to nothing, and was never sealed: this is all there is of it. */
    record TpmMadeHere() implements StartSource {}

    /** Whatever the working copy holds is replaced. */
    record FromHome(GuestStateVersion version) implements StartSource {}
}
