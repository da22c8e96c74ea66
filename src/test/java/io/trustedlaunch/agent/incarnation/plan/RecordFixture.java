package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;

/** Records that an agent has of the VM. */
public final class RecordFixture {
    private RecordFixture() {}

    public static VmRecord seen(long epoch) {
        return VmRecord.NONE.seen(epoch);
    }

    /** The guest ran, or was about to; the working copy is its own. */
    public static VmRecord ran(long epoch) {
        return seen(epoch).withEk("ek").withCopyOf(epoch).resumed(epoch);
    }

    /** The guest ran and ended, and its last state is home. */
    public static VmRecord completed(long epoch, Exit exit) {
        return ran(epoch).withEnd(epoch, exit).completedBy(epoch);
    }
}
