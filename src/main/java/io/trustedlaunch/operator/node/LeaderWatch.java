package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * Notices that the leader Lease was set back, as when the API server's data is restored under a running operator. The
 * inventories that answered it then answer a world that is gone: it must end, and begin again under another identity.
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

    /** @return why this process can no longer be who it was. The times compared are its own. */
    synchronized Optional<String> seen(Lease seen) {
        if (!lease.equals(seen.getMetadata().getName())) {
            return Optional.empty();
        }
        ZonedDateTime time = seen.getSpec().getRenewTime();
        if (!identity.equals(seen.getSpec().getHolderIdentity()) || time == null) {
            return renewed.map(was -> "the leader Lease is no longer this process's");
        }
        if (renewed.isPresent() && time.isBefore(renewed.get())) {
            return Optional.of("the leader Lease was set back: was the API server's data restored?");
        }
        renewed = Optional.of(time);
        return Optional.empty();
    }

    /** The Lease is gone: deleted, or not yet made in the data that was restored. */
    synchronized Optional<String> gone(Lease gone) {
        return lease.equals(gone.getMetadata().getName())
                ? renewed.map(was -> "the leader Lease was deleted")
                : Optional.empty();
    }
}
