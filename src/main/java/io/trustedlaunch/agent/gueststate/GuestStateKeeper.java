package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.agent.host.NoSpace;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals the guest state of running VMs home whenever it changes. A failure stops no guest: it is told, and tried again
 * until it heals.
 */
public final class GuestStateKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GuestStateKeeper.class);
    /** Firmware that boots writes its variables for a while; what it writes last is sealed soon after. */
    static final Duration UNTIL_SETTLED = Duration.ofMillis(50);

    /** No firmware writes for as long as that: the user is told that what is new is not home. */
    static final Duration UNSETTLED_FOR_LONG = Duration.ofSeconds(10);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LONGEST_RETRY = Duration.ofMinutes(1);

    private final CopyChanges changes;
    private final Reader reader;
    private final InstantSource clock;
    private final Consumer<UUID> news;
    private final Map<UUID, Kept> kept = new ConcurrentHashMap<>();

    /**
     * How far a VM's state is home.
     *
     * @param newest what is home; empty before the first sealing of this process
     * @param trouble why what is newer is not
     */
    public record Sight(Optional<Sealed> newest, Optional<Trouble> trouble) {}

    /**
     * A version that is home.
     *
     * @param lag from the change of the working copy until it was durable; empty where nothing had changed
     */
    public record Sealed(GuestStateVersion version, Instant at, Optional<Duration> lag) {}

    public record Trouble(Reason reason, String message) {}

    /** As {@link CopyReader#read}. */
    interface Reader {
        CopyContent read(WorkingCopy copy) throws IOException;
    }

    /** One VM; its lock is held while its state is sealed. */
    private static final class Kept {
        private final SealedLine line;
        private final WorkingCopy copy;
        private volatile Sight sight = new Sight(Optional.empty(), Optional.empty());
        private Duration retry = FIRST_RETRY;
        private Optional<Instant> unsettledSince = Optional.empty();
        private Optional<Instant> behindSince = Optional.empty();
        private boolean ended;

        Kept(SealedLine line, WorkingCopy copy) {
            this.line = line;
            this.copy = copy;
        }
    }

    /**
     * @param changes tells whoever calls {@link #seal}
     * @param news hears of a VM whose trouble began or ended
     */
    public GuestStateKeeper(CopyChanges changes, InstantSource clock, Consumer<UUID> news) {
        this(changes, CopyReader::read, clock, news);
    }

    GuestStateKeeper(CopyChanges changes, Reader reader, InstantSource clock, Consumer<UUID> news) {
        this.changes = changes;
        this.reader = reader;
        this.clock = clock;
        this.news = news;
    }

    public boolean keeps(UUID vm, long epoch) {
        return Optional.ofNullable(kept.get(vm))
                .filter(incarnation -> incarnation.line.epoch() == epoch)
                .isPresent();
    }

    /** Watches a life's working copy from now on; closes the line when that ends. */
    public void begin(SealedLine line, WorkingCopy copy) throws IOException {
        end(copy.vm());
        kept.put(copy.vm(), new Kept(line, copy));
        try {
            changes.watch(copy);
        } catch (IOException e) {
            end(copy.vm());
            throw e;
        }
    }

    public Optional<Sight> sight(UUID vm) {
        return Optional.ofNullable(kept.get(vm)).map(incarnation -> incarnation.sight);
    }

    /** Seals what is new, if anything is. Returns when to try again; empty: at the next change. */
    public Optional<Duration> seal(UUID vm) {
        Kept incarnation = kept.get(vm);
        if (incarnation == null) {
            return Optional.empty();
        }
        boolean troubledBefore = incarnation.sight.trouble().isPresent();
        Optional<Duration> again = turn(vm, incarnation);
        if (troubledBefore != incarnation.sight.trouble().isPresent()) {
            news.accept(vm);
        }
        return again;
    }

    /** Returns when nothing is being sealed any more of the VM. */
    public void end(UUID vm) {
        Kept incarnation = kept.remove(vm);
        if (incarnation == null) {
            return;
        }
        changes.forget(vm);
        synchronized (incarnation) {
            incarnation.ended = true;
            incarnation.line.close();
        }
    }

    @Override
    public void close() {
        changes.close();
        kept.keySet().forEach(this::end);
    }

    private Optional<Duration> turn(UUID vm, Kept incarnation) {
        synchronized (incarnation) {
            if (incarnation.ended) {
                return Optional.empty();
            }
            try {
                Optional<Sealed> sealed = incarnation
                        .line
                        .seal(() -> read(incarnation))
                        .map(published -> sealed(vm, incarnation, published));
                incarnation.behindSince = Optional.empty();
                incarnation.sight = new Sight(sealed.or(() -> incarnation.sight.newest()), Optional.empty());
                incarnation.retry = FIRST_RETRY;
                return Optional.empty();
            } catch (UnsettledCopyException e) {
                behind(incarnation);
                return unsettled(incarnation, e);
            } catch (IOException e) {
                behind(incarnation);
                LOG.warn("The guest state of VM {} was not sealed: {}", vm, e.getMessage());
                return troubled(incarnation, e);
            } catch (RuntimeException e) {
                behind(incarnation);
                LOG.error("The guest state of VM {} was not sealed, for a fault of the agent's own", vm, e);
                return troubled(incarnation, e);
            }
        }
    }

    private CopyContent read(Kept incarnation) throws IOException {
        CopyContent content = reader.read(incarnation.copy);
        incarnation.unsettledSince = Optional.empty();
        return content;
    }

    private Optional<Duration> unsettled(Kept incarnation, UnsettledCopyException e) {
        Instant now = clock.instant();
        Instant since = incarnation.unsettledSince.orElse(now);
        incarnation.unsettledSince = Optional.of(since);
        return now.isBefore(since.plus(UNSETTLED_FOR_LONG)) ? Optional.of(UNTIL_SETTLED) : troubled(incarnation, e);
    }

    private static Optional<Duration> troubled(Kept incarnation, Exception e) {
        incarnation.sight = new Sight(incarnation.sight.newest(), Optional.of(trouble(e)));
        Duration wait = incarnation.retry;
        incarnation.retry = longer(wait);
        return Optional.of(wait);
    }

    private void behind(Kept incarnation) {
        incarnation.behindSince = incarnation.behindSince.or(() -> Optional.of(clock.instant()));
    }

    /** What was tried in vain is as old as the first try, whatever was written since. */
    private Sealed sealed(UUID vm, Kept incarnation, SealedLine.Published published) {
        Instant now = clock.instant();
        Instant since = incarnation
                .behindSince
                .filter(first -> first.isBefore(published.changedAt()))
                .orElse(published.changedAt());
        Duration lag = Duration.between(since, now);
        LOG.debug(
                "sealed {} of VM {}: {} bytes, durable {} ms after the change",
                published.version(),
                vm,
                published.bytes(),
                lag.toMillis());
        return new Sealed(published.version(), now, Optional.of(lag));
    }

    private static Trouble trouble(Exception e) {
        return new Trouble(
                NoSpace.isCauseOf(e) ? Reason.NoSpace : Reason.GuestStateNotSealed,
                "the newest guest state is not in the VM's home yet, and would be lost with this node: "
                        + e.getMessage());
    }

    private static Duration longer(Duration wait) {
        Duration twice = wait.multipliedBy(2);
        return twice.compareTo(LONGEST_RETRY) < 0 ? twice : LONGEST_RETRY;
    }
}
