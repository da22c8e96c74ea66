package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.agent.gueststate.WorkingCopyContent.Fingerprint;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.gueststate.Claimant;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.GuestStateBuilder;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.gueststate.SealedGuestState.Opening;
import io.trustedlaunch.gueststate.TpmTrail;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals the states of one incarnation in order: a state that differs from the last one becomes the next generation in the
 * home. A state of its epoch that another claimant has sealed ends it: nothing of that is taken for its own, and nothing is
 * sealed after it. For one thread at a time; wipes its key when closed.
 */
public final class GuestStateSealer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GuestStateSealer.class);

    /** More than one only if this agent, or another one for the same incarnation, was paused. */
    private static final int MAX_ATTEMPTS = 10;

    /** States of later epochs that are opened at once. */
    private static final int MAX_READ = 4;

    /** Reads the state to seal. */
    @FunctionalInterface
    public interface Source {
        WorkingCopyContent read() throws IOException;
    }

    /**
     * A version that was sealed.
     *
     * @param changedAt when its content was last written
     * @param bytes size of its file
     */
    public record Published(GuestStateVersion version, Instant changedAt, int bytes) {}

    /**
     * A state that is sealed as the next version, and not at home yet.
     *
     * @param file as it will be at home
     */
    public record Draft(GuestState state, byte[] file, Fingerprint content) {
        public GuestStateVersion version() {
            return state.version();
        }
    }

    /**
     * The data disks that a guest has been given.
     *
     * @param devices see {@link GuestState}
     */
    public record Listed(List<DiskIdentity> dataDisks, long devices) {
        public Listed {
            dataDisks = dataDisks.stream()
                    .sorted(Comparator.comparing(DiskIdentity::toString))
                    .toList();
        }

        static Listed of(GuestState state) {
            return new Listed(state.dataDisks(), state.devices());
        }
    }

    private final long epoch;
    private final Claimant claimant;
    private final Optional<List<DiskIdentity>> given;
    private final String ekDigest;
    private final Home home;
    private final GuestStateKey key;
    private final SecureRandom random;
    private final Consumer<GuestState> sealed;
    private Optional<GuestStateVersion> last;
    private Optional<GuestStateVersion> newest = Optional.empty();
    private TpmTrail trail = TpmTrail.NONE;
    private Optional<Listed> claimed = Optional.empty();
    private Optional<Listed> relisted = Optional.empty();
    private List<DiskIdentity> earlier = List.of();
    private Optional<Opening.Refused> fault = Optional.empty();
    private Optional<Fingerprint> content = Optional.empty();
    /** Files in the home that did not open. Each is tried once, so that many of them hide none. */
    private final Set<GuestStateVersion> foreign = new HashSet<>();

    /**
     * Reads which states of this incarnation are in the home already.
     *
     * @param claimant whose states they are
     * @param last version of this incarnation known to have been sealed; if the home has only older ones it was rolled back,
     *     and the next version must still be newer than this one
     * @param dataDisks that the guest was given; empty: those of the newest earlier state in the home. What its claim lists counts
     *     more
     * @param ekDigest of the states' TPM
     * @param key closed with the sealer
     * @param sealed called with each state once it is durable, including one found durable
     * @throws RefusedException if the home has a state of this epoch of another claimant, as {@link #seal}
     */
    public static GuestStateSealer open(
            long epoch,
            Claimant claimant,
            Optional<GuestStateVersion> last,
            Optional<List<DiskIdentity>> dataDisks,
            String ekDigest,
            Home home,
            GuestStateKey key,
            SecureRandom random,
            Consumer<GuestState> sealed)
            throws IOException {
        GuestStateSealer sealer =
                new GuestStateSealer(epoch, claimant, last, dataDisks, ekDigest, home, key, random, sealed);
        try {
            sealer.readHome();
            return sealer;
        } catch (IOException | RuntimeException e) {
            sealer.close();
            throw e;
        }
    }

    private GuestStateSealer(
            long epoch,
            Claimant claimant,
            Optional<GuestStateVersion> last,
            Optional<List<DiskIdentity>> dataDisks,
            String ekDigest,
            Home home,
            GuestStateKey key,
            SecureRandom random,
            Consumer<GuestState> sealed) {
        this.epoch = epoch;
        this.claimant = claimant;
        this.last = last.filter(version -> version.epoch() == epoch);
        this.given = dataDisks;
        this.ekDigest = ekDigest;
        this.home = home;
        this.key = key;
        this.random = random;
        this.sealed = sealed;
    }

    private void readHome() throws IOException {
        content = Optional.empty();
        fault = Optional.empty();
        Optional<GuestStateVersion> latest = home.versions().stream()
                .filter(version -> version.epoch() <= epoch)
                .findFirst();
        newest = latest.filter(version -> version.epoch() == epoch);
        if (latest.isPresent()) {
            open(latest.get());
        }
    }

    private void open(GuestStateVersion latest) throws IOException {
        if (newest.isPresent()) {
            home.settle();
        }
        switch (SealedGuestState.open(home.read(latest), key.vm(), latest, key)) {
            case Opening.Opened(GuestState state) -> {
                requireOwn(state);
                trail = state.trail();
                earlier = state.dataDisks();
                claimed = newest.map(own -> Listed.of(state));
                if (newest.isPresent() && isAsNewAsKnown()) {
                    sealed.accept(state);
                    content = Optional.of(fingerprint(state));
                }
            }
            // A fault in an earlier incarnation's state does not concern this sealer.
            case Opening.Refused refused -> fault = newest.map(own -> refused);
        }
    }

    private void requireOwn(GuestState state) {
        if (state.version().epoch() == epoch && !state.claimant().equals(claimant)) {
            throw new RefusedException(Reason.HomeClaimedElsewhere, claimedElsewhere(state));
        }
    }

    private static String claimedElsewhere(GuestState state) {
        return "the VM's home holds " + GuestStateName.of(state.version()) + ", which was sealed by " + state.claimant()
                + ": it was given the VM for the same epoch, and may run it. Find out which of the two is to run it, and stop"
                + " the other one (docs/recovery.md, \"A VM was given out twice\")";
    }

    /** A home that lacks the newest known version must not count as up to date. */
    private boolean isAsNewAsKnown() {
        return last.isEmpty() || newest.orElseThrow().compareTo(last.get()) >= 0;
    }

    private long highest() {
        return Stream.concat(last.stream(), newest.stream())
                .mapToLong(GuestStateVersion::generation)
                .max()
                .orElse(0);
    }

    private GuestStateVersion next() throws IOException {
        if (highest() == Long.MAX_VALUE) {
            readHome();
        }
        if (highest() == Long.MAX_VALUE) {
            throw new IOException("after " + GuestStateName.of(new GuestStateVersion(epoch, highest()))
                    + " no generation is left, so the file cannot be genuine; move it out of the VM's folder");
        }
        return new GuestStateVersion(epoch, highest() + 1);
    }

    public long epoch() {
        return epoch;
    }

    /** This incarnation's newest version in the home; empty before its claim. */
    public Optional<GuestStateVersion> newest() {
        return newest;
    }

    /** The newest version with its file. It stays in the home until later ones are sealed. */
    SealedFile newestFile() throws IOException {
        GuestStateVersion version = newest.orElseThrow(
                () -> new IOException("no guest state of epoch " + epoch + " is in the VM's home yet"));
        return new SealedFile(version, home.read(version));
    }

    /**
     * A state of an incarnation after that one, which opens with the VM's key. Others may write into the home: names prove
     * nothing, and little is read.
     */
    public Optional<GuestState> laterThan(long other) throws IOException {
        List<GuestStateVersion> later = home.versions().stream()
                .filter(version -> version.epoch() > other)
                .toList();
        foreign.retainAll(later);
        List<GuestStateVersion> unknown = later.stream()
                .filter(version -> !foreign.contains(version))
                .limit(MAX_READ)
                .toList();
        for (GuestStateVersion version : unknown) {
            Optional<GuestState> state = opened(version);
            if (state.isPresent()) {
                return state;
            }
            foreign.add(version);
        }
        return Optional.empty();
    }

    private Optional<GuestState> opened(GuestStateVersion version) {
        try {
            return SealedGuestState.open(home.read(version), key.vm(), version, key)
                            instanceof Opening.Opened(GuestState state)
                    ? Optional.of(state)
                    : Optional.empty();
        } catch (IOException e) {
            LOG.debug("VM {}: cannot read {} of a later epoch: {}", key.vm(), version, e.getMessage());
            return Optional.empty();
        }
    }

    /** Why the newest version found in the home cannot be used; empty if it can. */
    public Optional<Opening.Refused> fault() {
        return fault;
    }

    /** Whether the newest version in the home differs from the copy, or cannot be compared. */
    public boolean lacks(WorkingCopyContent copy) {
        return content.filter(copy.fingerprint()::equals).isEmpty();
    }

    /**
     * Seals the copy's content, unless the newest version in the home has the same; returns when it is durable. If another
     * agent for this incarnation took the name, the copy is read again: the first read may be older than what that agent
     * sealed. If another claimant took it, this one has lost.
     */
    public Optional<Published> seal(Source copy) throws IOException {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            WorkingCopyContent now = copy.read();
            if (!lacks(now) && isListed()) {
                return Optional.empty();
            }
            Draft draft = draft(now);
            if (home.publish(draft.version(), draft.file())) {
                newest = Optional.of(draft.version());
                last = newest;
                trail = draft.state().trail();
                claimed = Optional.of(Listed.of(draft.state()));
                fault = Optional.empty();
                // If the callback fails, the content is sealed again.
                content = Optional.empty();
                sealed.accept(draft.state());
                content = Optional.of(draft.content());
                return Optional.of(new Published(draft.version(), now.changedAt(), draft.file().length));
            }
            readHome();
        }
        throw new IOException("another agent for this incarnation took " + MAX_ATTEMPTS
                + " names in a row; make sure that only one agent runs on this node");
    }

    /** Changes nothing, at home or here. */
    public Draft draft(WorkingCopyContent copy) throws IOException {
        Listed listed = relisted.or(() -> claimed).orElseGet(() -> new Listed(given.orElse(earlier), 0));
        GuestState state = GuestStateBuilder.builder()
                .vm(key.vm())
                .version(next())
                .claimant(claimant)
                .dataDisks(listed.dataDisks())
                .devices(listed.devices())
                .ekDigest(ekDigest)
                .tpm(copy.tpm())
                .variables(copy.variables())
                .trail(trail.and(copy.tpm()))
                .build();
        return new Draft(state, SealedGuestState.seal(state, key, random), copy.fingerprint());
    }

    /** From the next state on, which is sealed even if nothing else has changed, it lists these. */
    void list(Listed disks) {
        relisted = Optional.of(disks);
    }

    private boolean isListed() {
        return relisted.isEmpty() || relisted.equals(claimed);
    }

    /** The data disks that the newest state in the home lists; empty before the claim. */
    Optional<Listed> listed() {
        return claimed;
    }

    private static Fingerprint fingerprint(GuestState state) {
        return Fingerprint.of(state.tpm(), state.variables());
    }

    @Override
    public void close() {
        key.close();
    }
}
