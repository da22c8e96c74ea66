package io.trustedlaunch.agent.incarnation.plan;

/**
 * What is to be seen of a VM's TPM, and the UEFI variables that belong to it, in the working copy. Only of what a guest
 * left, which is to go home, more is looked at than whether the files are there.
 */
public enum WorkingCopyState {
    /** Nothing: no TPM of this VM was ever on this host, or it was erased. */
    NONE,
    WHOLE,
    /** Its folder is there, and the state is not in it. */
    FILE_MISSING,
    /** The state is empty or does not open with the VM's key. */
    DAMAGED,
    /** The TPM's state may be whole; the UEFI variables are missing or damaged. */
    VARIABLES_DAMAGED,
    /** The variables are whole, and nothing that firmware made of those that were sealed last. */
    VARIABLES_ALTERED,
    /** The state is another TPM's than the VM's. */
    OTHERS,
    /** The state is one that was sealed before a newer one. */
    TURNED_BACK
}
