package io.trustedlaunch.agent.incarnation;

import java.util.Optional;

/** What the agent's memory says when asked about a VM. */
public sealed interface Recollection {
    record Known(VmRecord record) implements Recollection {}

    /** There is no record: the VM was never here, or the record was removed. */
    record Nothing() implements Recollection {}

    /** There is a record, and it cannot be trusted. */
    record Damaged(String message) implements Recollection {}

    default Optional<VmRecord> known() {
        return this instanceof Known(VmRecord record) ? Optional.of(record) : Optional.empty();
    }
}
