package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * Notices that the leader Lease is older than before, as after a restore of the API server's data under a running
 * operator. The agents' inventories then answer a state that is gone: the process must restart with a new identity.
 */
public final class LeaderWatch {
    private final String lease;
    private final String identity;
    private Optional<ZonedDateTime> renewed = Optional.empty();

    /** @param identity of this process */
    public LeaderWatch(String lease, String identity) {
        this.lease = lease;
        this.identity = identity;
    }

    /** @return why this process can no longer lead under its identity. All times compared come from its own clock. */
    synchronized Optional<String> seen(Lease seen) {
        if (!lease.equals(seen.getMetadata().getName())) {
            return Optional.empty();
        }
        ZonedDateTime time = seen.getSpec().getRenewTime();
        if (!identity.equals(seen.getSpec().getHolderIdentity()) || time == null) {
            return renewed.map(was -> "another process holds the leader Lease");
        }
        if (renewed.isPresent() && time.isBefore(renewed.get())) {
            return Optional.of("the leader Lease was replaced by an older version: the API server's data was probably"
                    + " restored from a backup");
        }
        renewed = Optional.of(time);
        return Optional.empty();
    }

    /** The Lease was deleted, or does not exist yet in restored data. */
    synchronized Optional<String> deleted(Lease deleted) {
        return lease.equals(deleted.getMetadata().getName())
                ? renewed.map(was -> "the leader Lease was deleted")
                : Optional.empty();
    }
}
