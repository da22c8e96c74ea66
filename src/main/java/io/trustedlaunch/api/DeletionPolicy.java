package io.trustedlaunch.api;

/** What becomes of a VM's key, disks and guest state when the VM is deleted. */
public enum DeletionPolicy {
    /** The key is destroyed, then the files are removed. */
    Delete,
    /** All is kept; {@code spec.restoreFrom} of a new VM takes it over. */
    Retain
}
