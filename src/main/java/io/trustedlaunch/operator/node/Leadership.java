package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.controller.HeldLease;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.custody.Mark;
import io.trustedlaunch.custody.MarkKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a leader whether the API server's data may have been restored from a backup. Once the leader knows that
 * it is current, it raises the mark on its Lease.
 */
public final class Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

    /** Agents that are alive connect again and answer within this time. */
    private static final Duration PATIENCE = AgentLiveness.TIMEOUT;

    /** The time between two marks. */
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private final MarkedLease lease;
    private final HeldLease held;
    private final Supplier<MarkKey> keys;
    private final LongSupplier nanoTime;

    private OptionalLong since = OptionalLong.empty();
    /** The mark on the Lease: one of the two, since a write can succeed without an answer. */
    private Optional<Mark> last = Optional.empty();

    private Optional<Mark> attempted = Optional.empty();
    private Optional<MarkKey> key = Optional.empty();
    private long highest;
    private boolean isCurrent;
    private boolean isRestored;
    /** Not every node remembers the mark on the Lease. */
    private boolean isUnconfirmed;

    private long raisedNanos;

    /**
     * @param identity under which this process holds the Lease
     * @param keys the key of marks, the same after a restore
     * @param end called with the reason when this process can no longer lead
     */
    public Leadership(
            String identity, MarkedLease lease, Supplier<MarkKey> keys, LongSupplier nanoTime, Consumer<String> end) {
        this.lease = lease;
        this.held = new HeldLease(identity, lease, end);
        this.keys = keys;
        this.nanoTime = nanoTime;
    }

    /**
     * Which nodes must report their VMs before anything is started. Once there is none, there is none any more.
     *
     * @param registered all nodes, dead ones too: what such a node did since a backup is not known either
     */
    public synchronized List<String> awaited(Supplier<List<ClusterNode>> registered) {
        List<ClusterNode> nodes = isCurrent ? List.of() : registered.get();
        if (nodes.isEmpty()) {
            return List.of();
        }
        if (since.isEmpty()) {
            confirm();
            since = OptionalLong.of(nanoTime.getAsLong());
        }
        RestoreCheck check = check(nodes);
        note(check.laterMarks());
        List<String> awaited = check.awaited(nanoTime.getAsLong() - since.getAsLong() >= PATIENCE.toNanos());
        isCurrent = awaited.isEmpty();
        if (isCurrent) {
            isUnconfirmed = !check.isConfirmedByAll();
            raisedNanos = nanoTime.getAsLong();
            LOG.info("The API server's data is current; starts and migrations begin");
        }
        return awaited;
    }

    /** Nodes that have not reported their VMs to this leader. */
    public synchronized List<String> unlisted(List<ClusterNode> nodes) {
        return check(nodes).unlisted();
    }

    public String identity() {
        return held.identity();
    }

    /** One that cannot name its VMs has answered, too. */
    public boolean hasAnswered(ClusterNode node) {
        return RestoreCheck.answer(node, identity()).isPresent();
    }

    public boolean hasListed(ClusterNode node) {
        return RestoreCheck.hasListed(node, identity());
    }

    private RestoreCheck check(List<ClusterNode> nodes) {
        return new RestoreCheck(identity(), last, mark -> key().hasIssued(mark), nodes);
    }

    private void note(List<Mark> later) {
        later.forEach(mark -> highest = Math.max(highest, mark.number()));
        if (!later.isEmpty() && !isRestored) {
            isRestored = true;
            LOG.warn(
                    "The API server's data was restored from a backup, or the leader Lease was deleted: a node remembers"
                            + " mark {} of the operator, and the Lease has {}. Nothing is started until all nodes have"
                            + " reported their VMs",
                    highest,
                    last.map(mark -> "mark " + mark.number()).orElse("none"));
        }
    }

    /**
     * Reads the Lease, and ends this process if another one leads, or if the data was restored meanwhile. To be called
     * before an epoch is reserved, so that a decision from restored data has no effect.
     */
    public synchronized void confirm() {
        held();
    }

    /**
     * Raises the mark if it is time to. The first time at once if a node does not remember the present one, as after its boot: if
     * this process and another node died within the next minute, no node could vouch for the data.
     */
    public void raiseIfDue() {
        if (isDue()) {
            raise();
        }
    }

    private synchronized boolean isDue() {
        return isCurrent && (isUnconfirmed || nanoTime.getAsLong() - raisedNanos >= INTERVAL.toNanos());
    }

    /**
     * Raises the mark. To be called before an incarnation is created, so that the agents remember a later mark than is in
     * any backup without its epoch. Only data that is known to be current gets a new mark: the next leader relies on that.
     *
     * <p>A mark waits while a renewal of the Lease is due: a write that comes between makes the renewal fail, and a leader
     * whose renewals fail in a row ends.
     */
    public void raise() {
        while (!hasRaised()) {
            lease.pause();
        }
    }

    /** @return false if it is to be tried again */
    private synchronized boolean hasRaised() {
        if (!isCurrent) {
            return true;
        }
        Lease own = held();
        if (lease.isRenewalDue(own)) {
            return false;
        }
        Mark next = key().issue(highest + 1);
        attempted = Optional.of(next);
        try {
            lease.mark(own, next);
            last = attempted;
            highest = next.number();
            isUnconfirmed = false;
            raisedNanos = nanoTime.getAsLong();
            return true;
        } catch (StaleViewException e) {
            LOG.debug("The leader Lease was renewed meanwhile");
            return false;
        }
    }

    /** Works like {@link HeldLease#release}; no mark is raised afterwards. */
    public synchronized void release() {
        isCurrent = false;
        held.release();
    }

    private Lease held() {
        Lease confirmed = held.confirm();
        Optional<Mark> found = Optional.ofNullable(confirmed.getMetadata().getAnnotations())
                .map(all -> all.get(Api.MARK))
                .flatMap(Mark::parse);
        if (since.isPresent() && !found.equals(last) && !found.equals(attempted)) {
            throw held.ended("the leader Lease lacks the mark that this process wrote last: the API server's data was"
                    + " probably restored from a backup");
        }
        last = found;
        attempted = found;
        highest = Math.max(highest, found.map(Mark::number).orElse(0L));
        return confirmed;
    }

    private MarkKey key() {
        MarkKey known = key.orElseGet(keys);
        key = Optional.of(known);
        return known;
    }
}
