package io.trustedlaunch.audit;

/** The acts that the audit log records; docs/security.md lists them for administrators. */
public enum Act {
    /** An envelope with a VM's key, sealed to one node, was written to a VMIncarnation. */
    KeyReleased,
    /** An envelope with the keys of a VM's backups, sealed to one node, was written to a run or a VMBackupDownload. */
    BackupKeysReleased,
    /** A VM's key, which was gone, was taken from the escrow of a backup that a user had approved. */
    KeyRestored,
    /** An incarnation started from an older guest state than the newest on record, as a user had approved. */
    GuestStateApproved,
    /** A later incarnation that a node proved to have been given became the VM's. */
    VMAdopted,
    /** A new VM continues a retained or recovered VM. */
    VMTakenOver,
    /** From now on the node gets certificates, VMs and their keys. */
    NodeEnrolled,
    NodeRevoked,
    /** An agent connected a client with a guest's console. */
    ConsoleOpened,
    ConsoleClosed,
    /** An agent began to send a disk of a backup to a client. */
    DownloadOpened,
    /** It ended; the outcome says whether the client got all that it had asked for. */
    DownloadClosed,
    /** The fencer pressed the power switch of a node's machine. */
    PowerCut
}
