package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.api.VMIncarnationSpec.VmRef;
import java.util.Optional;

/** Which epoch on which node may run a VM, as the API server has it now. */
public sealed interface Ownership {
    /**
     * @param uid of the object that has the name now
     * @param epoch 0: none was ever assigned
     * @param ekDigest of the endorsement key on record; empty: none is yet
     */
    record Found(String uid, long epoch, String nodeName, boolean deleting, Optional<String> ekDigest)
            implements Ownership {}

    record Absent() implements Ownership {}

    record Unread(String message) implements Ownership {}

    /** Asks the API server, never a cache. */
    @FunctionalInterface
    interface Reader {
        Ownership read(VmRef vm);
    }
}
