package io.trustedlaunch.agent.incarnation.record;

import java.util.Optional;

/** What the agent's memory says when asked about a VM. */
public sealed interface RecordLookup {
    record Found(VmRecord record) implements RecordLookup {}

    /** There is no record: the VM was never here, or the record was removed. */
    record Missing() implements RecordLookup {}

    /** There is a record, and it cannot be trusted. */
    record Damaged(String message) implements RecordLookup {}

    default Optional<VmRecord> found() {
        return this instanceof Found(VmRecord record) ? Optional.of(record) : Optional.empty();
    }
}
