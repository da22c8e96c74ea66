package io.trustedlaunch.agent.incarnation.plan;

/**
 * The state of a VM's working copy: its TPM and its UEFI variables. Only a copy that a guest left, and that is to be
 * sealed, is inspected further than whether its files are there.
 */
public enum WorkingCopyState {
    /** No TPM of this VM was ever on this host, or it was erased. */
    NONE,
    WHOLE,
    /** Its folder is there without the state. */
    FILE_MISSING,
    /** The state is empty or does not open with the VM's key. */
    DAMAGED,
    /** The TPM's state may be whole; the UEFI variables are missing or damaged. */
    VARIABLES_DAMAGED,
    /** The variables are whole, but do not continue those that were sealed last. */
    VARIABLES_ALTERED,
    /** The state belongs to another TPM. */
    OTHER_TPM,
    /** The state is older than the one that was sealed last. */
    ROLLED_BACK
}
