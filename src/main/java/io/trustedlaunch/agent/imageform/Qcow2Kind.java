package io.trustedlaunch.agent.imageform;

/** What a qcow2 is used as, and so what it may have. */
enum Qcow2Kind {
    /** Comes from outside: it has nothing but a disk. */
    IMAGE,
    /** A VM's: backups leave dirty bitmaps in it. */
    DISK,
    /** Of a backup: it is encrypted. */
    BACKUP
}
