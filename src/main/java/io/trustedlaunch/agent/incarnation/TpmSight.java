package io.trustedlaunch.agent.incarnation;

/** What is to be seen of a VM's TPM in the working copy. */
public enum TpmSight {
    /** Nothing: no TPM of this VM was ever on this host, or it was erased. */
    NONE,
    WHOLE,
    /** Its folder is there, and the state is not in it. */
    FILE_MISSING,
    /** The state is empty, or the UEFI variables that belong to it are missing. */
    DAMAGED
}
