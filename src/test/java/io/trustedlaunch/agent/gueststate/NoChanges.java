package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import java.util.UUID;

/** Reports no change of a working copy: tests trigger each attempt to seal themselves. */
public final class NoChanges implements WorkingCopyChanges {
    @Override
    public void watch(WorkingCopy copy) {}

    @Override
    public void forget(UUID vm) {}

    @Override
    public void close() {}
}
