package io.trustedlaunch.api.vm;

/** The treatment of a VM's key, disks and guest state when the VM is deleted. */
public enum DeletionPolicy {
    /** The key is destroyed, then the files are removed. */
    Delete,
    /** Key, disks and guest state are kept; a new VM can take them over with spec.restoreFrom. */
    Retain
}
