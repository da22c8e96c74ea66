package io.trustedlaunch.controller;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The leader Lease of this process while it leads. */
public final class HeldLease {
    private static final Logger LOG = LoggerFactory.getLogger(HeldLease.class);

    private final String identity;
    private final LeaderLease lease;
    private final Consumer<String> end;

    /**
     * @param identity under which this process holds the Lease
     * @param end called with the reason when this process can no longer lead
     */
    public HeldLease(String identity, LeaderLease lease, Consumer<String> end) {
        this.identity = identity;
        this.lease = lease;
        this.end = end;
    }

    public String identity() {
        return identity;
    }

    /** Reads the Lease, and ends this process if another one leads. */
    public Lease confirm() {
        Lease found = lease.read().orElseThrow(() -> ended("the leader Lease was deleted"));
        if (!isHolder(found)) {
            throw ended("another process holds the leader Lease");
        }
        return found;
    }

    /**
     * Gives the Lease up if this process holds it, so that its successor need not wait until it expires. To be called when
     * nothing is reconciled or renewed any more.
     */
    public void release() {
        Optional<Lease> own = lease.read().filter(this::isHolder);
        while (own.isPresent()) {
            try {
                lease.release(own.get());
                LOG.info("Gave the leader Lease up");
                return;
            } catch (StaleViewException e) {
                LOG.debug("The leader Lease was written meanwhile");
                own = lease.read().filter(this::isHolder);
            }
        }
    }

    /** Ends this process. */
    public IllegalStateException ended(String reason) {
        end.accept(reason);
        return new IllegalStateException(reason);
    }

    private boolean isHolder(Lease found) {
        return identity.equals(found.getSpec().getHolderIdentity());
    }
}
