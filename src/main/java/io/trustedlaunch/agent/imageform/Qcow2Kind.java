package io.trustedlaunch.agent.imageform;

/** The use of a qcow2, which decides what it may contain. */
enum Qcow2Kind {
    /** Comes from outside: it has nothing but a disk. */
    IMAGE,
    /** A VM's: backups leave dirty bitmaps in it. */
    DISK
}
