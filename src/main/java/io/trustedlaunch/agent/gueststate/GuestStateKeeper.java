package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.agent.gueststate.GuestStateSealer.Listed;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.host.WorkMeter;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.files.NoSpace;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals the guest state of running VMs into their homes whenever it changes. A failure does not stop the guest: it is
 * reported, and sealing is retried until it succeeds.
 */
public final class GuestStateKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GuestStateKeeper.class);
    /** Firmware that boots writes its variables for a while; they are sealed soon after the last write. */
    static final Duration UNTIL_SETTLED = Duration.ofMillis(50);

    /** Firmware does not write for so long: the failure is reported. */
    static final Duration UNSETTLED_LIMIT = Duration.ofSeconds(10);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration MAX_RETRY = Duration.ofMinutes(1);

    private final WorkingCopyChanges changes;
    private final Reader reader;
    private final InstantSource clock;
    private final Consumer<UUID> changed;
    private final WorkMeter meter;
    private final Map<UUID, Kept> kept = new ConcurrentHashMap<>();

    /**
     * How much of a VM's guest state is sealed in its home.
     *
     * @param newest version in the home; empty before the first sealing by this process
     * @param problem why a newer state is not sealed
     */
    public record SealingState(Optional<Sealed> newest, Optional<Problem> problem) {}

    /**
     * A sealed version in the home.
     *
     * @param lag from the change of the working copy until it was durable; empty if nothing had changed
     */
    public record Sealed(GuestStateVersion version, Instant at, Optional<Duration> lag) {}

    /** See {@link WorkingCopyReader#read}. */
    interface Reader {
        WorkingCopyContent read(WorkingCopy copy) throws IOException;
    }

    /** One VM; its monitor is held while its state is sealed. */
    private static final class Kept {
        private final GuestStateSealer sealer;
        private final WorkingCopy copy;
        private volatile SealingState state = new SealingState(Optional.empty(), Optional.empty());
        private Duration retry = FIRST_RETRY;
        private Optional<Instant> unsettledSince = Optional.empty();
        private Optional<Instant> behindSince = Optional.empty();
        private boolean ended;

        Kept(GuestStateSealer sealer, WorkingCopy copy) {
            this.sealer = sealer;
            this.copy = copy;
        }
    }

    /**
     * @param changes triggers the calls of {@link #seal}
     * @param changed called with a VM whose sealing began to fail or works again
     * @param meter of the lag of what is sealed
     */
    public GuestStateKeeper(WorkingCopyChanges changes, InstantSource clock, Consumer<UUID> changed, WorkMeter meter) {
        this(changes, WorkingCopyReader::read, clock, changed, meter);
    }

    GuestStateKeeper(
            WorkingCopyChanges changes, Reader reader, InstantSource clock, Consumer<UUID> changed, WorkMeter meter) {
        this.changes = changes;
        this.reader = reader;
        this.clock = clock;
        this.changed = changed;
        this.meter = meter;
    }

    public boolean keeps(UUID vm, long epoch) {
        return Optional.ofNullable(kept.get(vm))
                .filter(incarnation -> incarnation.sealer.epoch() == epoch)
                .isPresent();
    }

    /** Starts to watch an incarnation's working copy; closes the sealer at the end. */
    public void begin(GuestStateSealer sealer, WorkingCopy copy) throws IOException {
        end(copy.vm());
        kept.put(copy.vm(), new Kept(sealer, copy));
        try {
            changes.watch(copy);
        } catch (IOException e) {
            end(copy.vm());
            throw e;
        }
    }

    public Optional<SealingState> state(UUID vm) {
        return Optional.ofNullable(kept.get(vm)).map(incarnation -> incarnation.state);
    }

    /** Seals the state if it has changed. Returns when to try again; empty: at the next change. */
    public Optional<Duration> seal(UUID vm) {
        Kept incarnation = kept.get(vm);
        if (incarnation == null) {
            return Optional.empty();
        }
        boolean failedBefore = incarnation.state.problem().isPresent();
        Optional<Duration> again = attempt(vm, incarnation);
        if (failedBefore != incarnation.state.problem().isPresent()) {
            changed.accept(vm);
        }
        return again;
    }

    /**
     * Seals the state of that incarnation, and returns the newest one with its file; empty while the firmware writes its
     * variables. So two calls that return the same version prove that the guest did not change it between them.
     *
     * @throws IOException if the state cannot be sealed or read, or this incarnation is not kept
     */
    public Optional<SealedFile> sealed(UUID vm, long epoch) throws IOException {
        boolean behind = seal(vm).isPresent();
        Kept incarnation = kept.get(vm);
        if (incarnation == null) {
            throw notKept(vm, epoch);
        }
        synchronized (incarnation) {
            if (incarnation.ended || incarnation.sealer.epoch() != epoch) {
                throw notKept(vm, epoch);
            }
            Optional<Problem> problem = incarnation.state.problem();
            if (problem.isPresent()) {
                throw new IOException(problem.get().message());
            }
            return behind ? Optional.empty() : Optional.of(incarnation.sealer.newestFile());
        }
    }

    /** The data disks that the newest state of a guest that runs lists. */
    public Optional<Listed> listed(UUID vm, long epoch) {
        AtomicReference<Optional<Listed>> listed = new AtomicReference<>(Optional.empty());
        during(vm, epoch, sealer -> listed.set(sealer.listed()));
        return listed.get();
    }

    private void during(UUID vm, long epoch, Consumer<GuestStateSealer> act) {
        during(vm, sealer -> {
            if (sealer.epoch() == epoch) {
                act.accept(sealer);
            }
        });
    }

    /**
     * Has the guest's states list these disks from now on, and seals one. Returns when it is durable; false: its firmware writes its
     * variables, and it is sealed after that.
     *
     * @throws IOException if it cannot be sealed, or this incarnation is not kept
     */
    public boolean list(UUID vm, long epoch, Listed disks) throws IOException {
        during(vm, epoch, sealer -> sealer.list(disks));
        return sealed(vm, epoch).isPresent() && listed(vm, epoch).equals(Optional.of(disks));
    }

    private static IOException notKept(UUID vm, long epoch) {
        return new IOException("the guest state of VM " + vm + " is not sealed here as epoch " + epoch);
    }

    /** The VMs whose guests run here. */
    public Set<UUID> vms() {
        return Set.copyOf(kept.keySet());
    }

    /** Runs the act on the VM's sealer, if there is one. Until it returns, no other incarnation of the VM begins here. */
    public void during(UUID vm, Consumer<GuestStateSealer> act) {
        Kept incarnation = kept.get(vm);
        if (incarnation == null) {
            return;
        }
        synchronized (incarnation) {
            if (!incarnation.ended) {
                act.accept(incarnation.sealer);
            }
        }
    }

    /** Returns when sealing of the VM's state has stopped. */
    public void end(UUID vm) {
        Kept incarnation = kept.remove(vm);
        if (incarnation == null) {
            return;
        }
        changes.forget(vm);
        synchronized (incarnation) {
            incarnation.ended = true;
            incarnation.sealer.close();
        }
    }

    @Override
    public void close() {
        changes.close();
        kept.keySet().forEach(this::end);
    }

    private Optional<Duration> attempt(UUID vm, Kept incarnation) {
        synchronized (incarnation) {
            if (incarnation.ended) {
                return Optional.empty();
            }
            try {
                Optional<Sealed> sealed = incarnation
                        .sealer
                        .seal(() -> read(incarnation))
                        .map(published -> sealed(vm, incarnation, published));
                incarnation.behindSince = Optional.empty();
                incarnation.state = new SealingState(sealed.or(() -> incarnation.state.newest()), Optional.empty());
                incarnation.retry = FIRST_RETRY;
                return Optional.empty();
            } catch (UnsettledWorkingCopyException e) {
                behind(incarnation);
                return unsettled(incarnation, e);
            } catch (IOException | RefusedException e) {
                behind(incarnation);
                LOG.warn("VM {}: cannot seal the guest state: {}", vm, e.getMessage());
                return failed(incarnation, e);
            } catch (RuntimeException e) {
                behind(incarnation);
                LOG.error("VM {}: cannot seal the guest state: unexpected error", vm, e);
                return failed(incarnation, e);
            }
        }
    }

    private WorkingCopyContent read(Kept incarnation) throws IOException {
        WorkingCopyContent content = reader.read(incarnation.copy);
        incarnation.unsettledSince = Optional.empty();
        return content;
    }

    private Optional<Duration> unsettled(Kept incarnation, UnsettledWorkingCopyException e) {
        Instant now = clock.instant();
        Instant since = incarnation.unsettledSince.orElse(now);
        incarnation.unsettledSince = Optional.of(since);
        return RecordedTime.isOver(UNSETTLED_LIMIT, since, now) ? failed(incarnation, e) : Optional.of(UNTIL_SETTLED);
    }

    private Optional<Duration> failed(Kept incarnation, Exception e) {
        meter.failed();
        incarnation.state = new SealingState(incarnation.state.newest(), Optional.of(problem(e)));
        Duration wait = incarnation.retry;
        incarnation.retry = longer(wait);
        return Optional.of(wait);
    }

    private void behind(Kept incarnation) {
        incarnation.behindSince = incarnation.behindSince.or(() -> Optional.of(clock.instant()));
    }

    /** After failed attempts the lag counts from the first one. */
    private Sealed sealed(UUID vm, Kept incarnation, GuestStateSealer.Published published) {
        Instant now = clock.instant();
        Instant since = incarnation
                .behindSince
                .filter(first -> first.isBefore(published.changedAt()))
                .orElse(published.changedAt());
        Duration lag = Duration.between(since, now);
        LOG.debug(
                "VM {}: sealed guest state {}: {} bytes, durable {} ms after the change",
                vm,
                published.version(),
                published.bytes(),
                lag.toMillis());
        meter.succeeded(lag);
        return new Sealed(published.version(), now, Optional.of(lag));
    }

    private static Problem problem(Exception e) {
        return new Problem(
                reason(e),
                "the newest guest state is not sealed into the VM's home yet, and would be lost with this node: "
                        + e.getMessage() + "; "
                        + NoSpace.nextStep(e, "check the VM's storage location and this node's disk"));
    }

    private static Reason reason(Exception e) {
        if (e instanceof RefusedException refused) {
            return refused.reason();
        }
        return NoSpace.isCauseOf(e) ? Reason.NoSpace : Reason.GuestStateNotSealed;
    }

    private static Duration longer(Duration wait) {
        Duration twice = wait.multipliedBy(2);
        return twice.compareTo(MAX_RETRY) < 0 ? twice : MAX_RETRY;
    }
}
