package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import java.io.IOException;
import java.util.UUID;

/** Notices changes of working copies. */
public interface CopyChanges extends AutoCloseable {
    /** From now on each change is told, at least once; so is, at once, that something may have changed before. */
    void watch(WorkingCopy copy) throws IOException;

    /** Nothing is success. */
    void forget(UUID vm);

    @Override
    void close();
}
