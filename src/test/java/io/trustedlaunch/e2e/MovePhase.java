package io.trustedlaunch.e2e;

import java.util.List;

/** Where a migration is, by what the source's libvirtd logs as it gets there. */
enum MovePhase {
    /** The target makes the domain that is to receive. */
    PREPARE("Prepare3"),
    /** Memory is on its way, the guest runs at the source. */
    STREAM("state to active"),
    /** The guest stands still, and the rest of it is on its way. */
    SWITCH_OVER("state to pre-switchover"),
    /** All is there, and the target is asked whether it is. */
    FINISH("Finish3"),
    /** The target has answered: the source's domain is removed, and the agent gives its word. */
    CONFIRM("Confirm3"),
    /** Disks that are not shared are on their way, before any memory is. */
    COPY("Starting drive mirrors"),
    /** The guest stands still, and the two sides of its disks are taken apart. */
    COPY_END("Cancelling drive mirrors");

    /** In the order in which they come. */
    static final List<MovePhase> OF_EVERY_MOVE = List.of(PREPARE, STREAM, SWITCH_OVER, FINISH, CONFIRM);

    static final List<MovePhase> WITH_LOCAL_DISKS =
            List.of(PREPARE, COPY, STREAM, SWITCH_OVER, COPY_END, FINISH, CONFIRM);

    private final String logged;

    MovePhase(String logged) {
        this.logged = logged;
    }

    String logged() {
        return logged;
    }
}
