package io.trustedlaunch.agent.incarnation.record;

import java.util.Optional;

/** What the agent's memory says when asked about a VM. */
public sealed interface RecordLookup {
    record Known(VmRecord record) implements RecordLookup {}

    /** There is no record: the VM was never here, or the record was removed. */
    record Nothing() implements RecordLookup {}

    /** There is a record, and it cannot be trusted. */
    record Damaged(String message) implements RecordLookup {}

    default Optional<VmRecord> known() {
        return this instanceof Known(VmRecord record) ? Optional.of(record) : Optional.empty();
    }
}
