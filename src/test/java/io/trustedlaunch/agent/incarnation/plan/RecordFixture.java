package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.agent.incarnation.record.StateRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import java.util.function.UnaryOperator;

/** Records that an agent has of the VM. */
public final class RecordFixture {
    private RecordFixture() {}

    /** The guest ran, or was about to; the working copy is its own. */
    public static VmRecord ran(long epoch) {
        return withState(VmRecord.firstSeen(epoch).withTpm().resumed(epoch), state -> state.withCopyOf(epoch));
    }

    /** The guest ran and ended, and its last state is home. */
    public static VmRecord completed(long epoch, Exit exit) {
        return withState(ran(epoch).withEnd(epoch, exit), state -> state.completedBy(epoch));
    }

    public static VmRecord withState(VmRecord record, UnaryOperator<StateRecord> change) {
        return record.withState(change.apply(record.state()));
    }
}
