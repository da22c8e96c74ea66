package io.trustedlaunch.agent.incarnation.record;

import java.util.Optional;

/** The result of looking up a VM's record. */
public sealed interface RecordLookup {
    record Found(VmRecord record) implements RecordLookup {}

    /** The VM was never here, or its record was removed. */
    record Missing() implements RecordLookup {}

    /** There is a record that cannot be trusted. */
    record Damaged(String message) implements RecordLookup {}

    default Optional<VmRecord> found() {
        return this instanceof Found(VmRecord record) ? Optional.of(record) : Optional.empty();
    }
}
