package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.recovery.Escrow;

/**
 * The escrow of the backup that a VM without a key is to come back from, or whose disks are copied. Looked at only before a
 * takeover, and for a copy.
 */
public sealed interface EscrowFacts {
    /** No backup is approved, or the VM has its key. */
    record None() implements EscrowFacts {}

    /** @param why a sentence without its end, with what to do */
    record Unusable(String why) implements EscrowFacts {}

    /**
     * It was sealed for the cluster's backup key.
     *
     * @param vmUID the VM that the backup is of, as it is on record
     * @param guestState that the backup has
     */
    record Opened(Escrow escrow, String vmUID, GuestStateVersion guestState) implements EscrowFacts {}
}
