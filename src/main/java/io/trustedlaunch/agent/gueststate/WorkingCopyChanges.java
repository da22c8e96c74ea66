package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import java.io.IOException;
import java.util.UUID;

/** Detects changes of working copies. */
public interface WorkingCopyChanges extends AutoCloseable {
    /** Reports each change from now on at least once, and once at the start for earlier changes. */
    void watch(WorkingCopy copy) throws IOException;

    /** Stops watching; a VM that is not watched is no error. */
    void forget(UUID vm);

    @Override
    void close();
}
