package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.agent.gueststate.CopyContent.Fingerprint;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.GuestStateBuilder;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.gueststate.SealedGuestState.Opening;
import io.trustedlaunch.gueststate.TpmTrail;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The sealed states of one life, in their order: each that differs from the last becomes the next generation at home.
 * One thread at a time; wipes its key when closed.
 */
public final class SealedLine implements AutoCloseable {
    /** Another agent of this very life was paused, or this one was. */
    private static final int MOST_ATTEMPTS = 10;

    /** What is to be sealed, as it is at the moment of the call. */
    @FunctionalInterface
    public interface Source {
        CopyContent read() throws IOException;
    }

    /**
     * What was sealed.
     *
     * @param changedAt when its content was written
     * @param bytes of its file
     */
    public record Published(GuestStateVersion version, Instant changedAt, int bytes) {}

    private final long epoch;
    private final String ekDigest;
    private final Home home;
    private final GuestStateKey key;
    private final SecureRandom random;
    private final Consumer<GuestStateVersion> sealed;
    private Optional<GuestStateVersion> last;
    private Optional<GuestStateVersion> newest = Optional.empty();
    private TpmTrail trail = TpmTrail.NONE;
    private Optional<Opening.Refused> fault = Optional.empty();
    private Optional<Fingerprint> content = Optional.empty();

    /**
     * Looks at what of this life is home already.
     *
     * @param last what of this life is known to have been home: a home that has less was turned back, and what is sealed
     *     next must be newer all the same
     * @param ekDigest of the TPM whose states these are
     * @param key closed with this
     * @param sealed told of each version once it is durable, also of one that was so before
     */
    public static SealedLine open(
            long epoch,
            Optional<GuestStateVersion> last,
            String ekDigest,
            Home home,
            GuestStateKey key,
            SecureRandom random,
            Consumer<GuestStateVersion> sealed)
            throws IOException {
        SealedLine line = new SealedLine(epoch, last, ekDigest, home, key, random, sealed);
        try {
            line.look();
            return line;
        } catch (IOException | RuntimeException e) {
            line.close();
            throw e;
        }
    }

    private SealedLine(
            long epoch,
            Optional<GuestStateVersion> last,
            String ekDigest,
            Home home,
            GuestStateKey key,
            SecureRandom random,
            Consumer<GuestStateVersion> sealed) {
        this.epoch = epoch;
        this.last = last.filter(version -> version.epoch() == epoch);
        this.ekDigest = ekDigest;
        this.home = home;
        this.key = key;
        this.random = random;
        this.sealed = sealed;
    }

    private void look() throws IOException {
        content = Optional.empty();
        fault = Optional.empty();
        Optional<GuestStateVersion> latest = home.versions().stream()
                .filter(version -> version.epoch() <= epoch)
                .findFirst();
        newest = latest.filter(version -> version.epoch() == epoch);
        if (latest.isPresent()) {
            look(latest.get());
        }
    }

    private void look(GuestStateVersion latest) throws IOException {
        home.settle();
        switch (SealedGuestState.open(home.read(latest), key.vm(), latest, key)) {
            case Opening.Opened(GuestState state) -> {
                trail = state.trail();
                if (newest.isPresent() && isAsNewAsKnown()) {
                    sealed.accept(latest);
                    content = Optional.of(fingerprint(state));
                }
            }
            // What an earlier life left is not what this one goes on with.
            case Opening.Refused refused -> fault = newest.map(own -> refused);
        }
    }

    /** Of what lacks the newest nothing is said to be home already. */
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
            look();
        }
        if (highest() == Long.MAX_VALUE) {
            throw new IOException("after " + GuestStateName.of(new GuestStateVersion(epoch, highest()))
                    + " no number is left, and nobody counts that far: move the file out of the VM's folder");
        }
        return new GuestStateVersion(epoch, highest() + 1);
    }

    public long epoch() {
        return epoch;
    }

    /** The newest of this life that is home; empty before its claim. */
    public Optional<GuestStateVersion> newest() {
        return newest;
    }

    /** Why the newest that was found at home is not to be used; empty if it is whole. */
    public Optional<Opening.Refused> fault() {
        return fault;
    }

    /** The newest at home has another content, or cannot be compared. */
    public boolean lacks(CopyContent copy) {
        return content.filter(copy.fingerprint()::equals).isEmpty();
    }

    /**
     * Seals what the copy holds, unless the newest at home has this very content; returns when it is durable. Where another
     * agent of this life took the name, the copy is read again: what was read before may be older than what that one
     * sealed.
     */
    public Optional<Published> seal(Source copy) throws IOException {
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            CopyContent now = copy.read();
            if (!lacks(now)) {
                return Optional.empty();
            }
            GuestStateVersion next = next();
            GuestState state = GuestStateBuilder.builder()
                    .vm(key.vm())
                    .version(next)
                    .ekDigest(ekDigest)
                    .tpm(now.tpm())
                    .variables(now.variables())
                    .trail(trail.and(now.tpm()))
                    .build();
            byte[] file = SealedGuestState.seal(state, key, random);
            if (home.publish(next, file)) {
                newest = Optional.of(next);
                last = newest;
                trail = state.trail();
                fault = Optional.empty();
                // Where that cannot be told, it is sealed once more.
                content = Optional.empty();
                sealed.accept(next);
                content = Optional.of(now.fingerprint());
                return Optional.of(new Published(next, now.changedAt(), file.length));
            }
            look();
        }
        throw new IOException("another agent of this life took " + MOST_ATTEMPTS + " names in a row");
    }

    private static Fingerprint fingerprint(GuestState state) {
        return Fingerprint.of(state.tpm(), state.variables());
    }

    @Override
    public void close() {
        key.close();
    }
}
