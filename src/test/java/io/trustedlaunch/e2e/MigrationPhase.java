package io.trustedlaunch.e2e;

import java.util.List;

/** A phase of a live migration, recognized by what the source's libvirtd logs when it begins. */
enum MigrationPhase {
    /** The target creates the receiving domain. */
    PREPARE("Prepare3"),
    /** Memory is transferred while the guest runs on the source. */
    STREAM("state to active"),
    /** The guest is paused, and the rest of its memory is transferred. */
    SWITCH_OVER("state to pre-switchover"),
    /** The source asks the target to confirm that everything has arrived. */
    FINISH("Finish3"),
    /** The target has confirmed; libvirt removes the source's domain, and the source's agent tells the target to resume. */
    CONFIRM("Confirm3"),
    /** Local disks are transferred, before any memory. */
    COPY("Starting drive mirrors"),
    /** The guest is paused, and mirroring of its disks ends. */
    COPY_END("Cancelling drive mirrors");

    /** In order. */
    static final List<MigrationPhase> OF_EVERY_MOVE = List.of(PREPARE, STREAM, SWITCH_OVER, FINISH, CONFIRM);

    static final List<MigrationPhase> WITH_LOCAL_DISKS =
            List.of(PREPARE, COPY, STREAM, SWITCH_OVER, COPY_END, FINISH, CONFIRM);

    private final String logged;

    MigrationPhase(String logged) {
        this.logged = logged;
    }

    String logged() {
        return logged;
    }
}
