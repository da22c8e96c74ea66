package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.custody.Mark;
import io.trustedlaunch.custody.MarkKey;
import io.trustedlaunch.operator.kube.StaleViewException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a leader knows of the API server's data: whether it may have been restored from a backup. Once the leader knows that
 * it is current, it raises the mark on its Lease.
 */
public final class Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

    /** Agents that are alive connect again and answer within this time. */
    private static final Duration PATIENCE = AgentLiveness.TIMEOUT;

    private final String identity;
    private final Supplier<Optional<Lease>> reader;
    private final BiConsumer<Lease, Mark> writer;
    private final Consumer<Lease> releaser;
    private final Supplier<MarkKey> keys;
    private final LongSupplier nanoTime;
    private final Consumer<String> end;

    private OptionalLong since = OptionalLong.empty();
    /** The mark on the Lease: one of the two, since a write can succeed without an answer. */
    private Optional<Mark> last = Optional.empty();

    private Optional<Mark> attempted = Optional.empty();
    private Optional<MarkKey> key = Optional.empty();
    private long highest;
    private boolean isCurrent;
    private boolean isRestored;

    /**
     * @param identity under which this process holds the Lease
     * @param reader reads the Lease from the API server, not from a cache
     * @param writer writes a mark on the Lease that was read; throws {@link StaleViewException} if it was changed since
     * @param releaser removes the holder from the Lease that was read; throws {@link StaleViewException} likewise
     * @param keys the key of marks, the same after a restore
     * @param end called with the reason when this process can no longer lead
     */
    public Leadership(
            String identity,
            Supplier<Optional<Lease>> reader,
            BiConsumer<Lease, Mark> writer,
            Consumer<Lease> releaser,
            Supplier<MarkKey> keys,
            LongSupplier nanoTime,
            Consumer<String> end) {
        this.identity = identity;
        this.reader = reader;
        this.writer = writer;
        this.releaser = releaser;
        this.keys = keys;
        this.nanoTime = nanoTime;
        this.end = end;
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
            LOG.info("The API server's data is current; starts and migrations begin");
        }
        return awaited;
    }

    /** Nodes that have not reported their VMs to this leader. */
    public synchronized List<String> unlisted(List<ClusterNode> nodes) {
        return check(nodes).unlisted();
    }

    public boolean hasListed(ClusterNode node) {
        return RestoreCheck.hasListed(node, identity);
    }

    private RestoreCheck check(List<ClusterNode> nodes) {
        return new RestoreCheck(identity, last, mark -> key().hasIssued(mark), nodes);
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
     * Raises the mark. To be called before an incarnation is created, so that the agents remember a later mark than is in
     * any backup without its epoch. Only data that is known to be current gets a new mark: the next leader relies on that.
     */
    public synchronized void raise() {
        while (isCurrent) {
            Lease lease = held();
            Mark next = key().issue(highest + 1);
            attempted = Optional.of(next);
            try {
                writer.accept(lease, next);
                last = attempted;
                highest = next.number();
                return;
            } catch (StaleViewException e) {
                LOG.debug("The leader Lease was renewed meanwhile");
            }
        }
    }

    /**
     * Gives the Lease up if this process holds it, so that its successor need not wait until it expires. To be called when
     * nothing is reconciled or renewed any more.
     */
    public synchronized void release() {
        isCurrent = false;
        Optional<Lease> own = reader.get().filter(this::isHolder);
        while (own.isPresent()) {
            try {
                releaser.accept(own.get());
                LOG.info("Gave the leader Lease up");
                return;
            } catch (StaleViewException e) {
                LOG.debug("The leader Lease was written meanwhile");
                own = reader.get().filter(this::isHolder);
            }
        }
    }

    private boolean isHolder(Lease lease) {
        return identity.equals(lease.getSpec().getHolderIdentity());
    }

    private Lease held() {
        Lease lease = reader.get().orElseThrow(() -> ended("the leader Lease was deleted"));
        if (!isHolder(lease)) {
            throw ended("another process holds the leader Lease");
        }
        Optional<Mark> found = Optional.ofNullable(lease.getMetadata().getAnnotations())
                .map(all -> all.get(Api.MARK))
                .flatMap(Mark::parse);
        if (since.isPresent() && !found.equals(last) && !found.equals(attempted)) {
            throw ended("the leader Lease lacks the mark that this process wrote last: the API server's data was"
                    + " probably restored from a backup");
        }
        last = found;
        attempted = found;
        highest = Math.max(highest, found.map(Mark::number).orElse(0L));
        return lease;
    }

    private MarkKey key() {
        MarkKey known = key.orElseGet(keys);
        key = Optional.of(known);
        return known;
    }

    private IllegalStateException ended(String reason) {
        end.accept(reason);
        return new IllegalStateException(reason);
    }
}
