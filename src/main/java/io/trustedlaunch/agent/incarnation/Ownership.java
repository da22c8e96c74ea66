package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.api.VMIncarnationSpec.VmRef;

/** Who may run a VM, as the API server has it this very moment. */
public sealed interface Ownership {
    /**
     * @param uid of the object that has the name now
     * @param epoch 0 where none was ever handed out
     */
    record Found(String uid, long epoch, String nodeName, boolean deleting) implements Ownership {}

    record Absent() implements Ownership {}

    record Unread(String why) implements Ownership {}

    /** Asks the API server, never a cache. */
    @FunctionalInterface
    interface Reader {
        Ownership read(VmRef vm);
    }
}
