package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.api.Reason;

/**
 * The state of a VM's working copy: its TPM and its UEFI variables. Only a copy that a guest left, and that is to be
 * sealed, is inspected further than whether its files are there.
 */
public enum WorkingCopyState {
    /** No TPM of this VM was ever on this host, or it was erased. */
    NONE(Reason.TpmStateMissing, "missing"),
    WHOLE(Reason.TpmStateMissing, "missing"),
    /** Its folder is there without the state. */
    FILE_MISSING(Reason.TpmStateMissing, "missing"),
    /** The state is empty or does not open with the VM's key. */
    DAMAGED(Reason.TpmStateDamaged, "damaged"),
    /** The TPM's state may be whole; the UEFI variables are missing or damaged. */
    VARIABLES_DAMAGED(Reason.UefiVariablesDamaged, "without intact UEFI variables"),
    /** The variables are whole, but do not continue those that were sealed last. */
    VARIABLES_ALTERED(
            Reason.UefiVariablesAltered, "with UEFI variables that do not continue those that were sealed last"),
    /** The state belongs to another TPM. */
    OTHER_TPM(Reason.EkMismatch, "another TPM's"),
    /** The state is older than the one that was sealed last. */
    ROLLED_BACK(Reason.WorkingCopyTurnedBack, "older than the state that was sealed last");

    private final Reason reason;
    private final String found;

    WorkingCopyState(Reason reason, String found) {
        this.reason = reason;
        this.found = found;
    }

    /** The reason to refuse a start that needs the state of a certain guest; a whole copy is of another one. */
    Reason reason() {
        return reason;
    }

    /** The state that was found instead. */
    String found() {
        return found;
    }
}
