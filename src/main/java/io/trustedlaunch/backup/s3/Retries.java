package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.process.SteadyClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long a request is made again while its server is away: with pauses that grow, until it is answered, or the thread is
 * interrupted.
 *
 * @param limit after the first attempt that failed; zero: it is made once
 * @param clock that nobody sets
 */
public record Retries(Duration limit, InstantSource clock, Pause pause) {
    private static final Logger LOG = LoggerFactory.getLogger(Retries.class);
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    public static final Retries NONE = upTo(Duration.ZERO);

    /** Waits. */
    @FunctionalInterface
    public interface Pause {
        void pause(Duration time) throws InterruptedException;
    }

    public static Retries upTo(Duration limit) {
        return new Retries(limit, SteadyClock.system(), Thread::sleep);
    }

    /** One attempt. */
    @FunctionalInterface
    interface Attempt<T> {
        /** @param again whether an earlier one may have succeeded, and only its answer been lost */
        T make(boolean again) throws BackupStoreException;
    }

    <T> T run(Attempt<T> attempt) throws BackupStoreException {
        return new Outage().run(attempt);
    }

    /**
     * Attempts that have the time for one between them, until it is {@link #over}: a server that answers a little each time is
     * away, too.
     */
    final class Outage {
        private Optional<Instant> end = Optional.empty();

        <T> T run(Attempt<T> attempt) throws BackupStoreException {
            BackupStoreException failed;
            try {
                return attempt.make(false);
            } catch (BackupStoreException e) {
                failed = e;
            }
            Instant last = end.orElseGet(() -> clock.instant().plus(limit));
            end = Optional.of(last);
            for (Duration next = FIRST; ; next = shorter(next.multipliedBy(2), LONGEST)) {
                if (failed.fault() != StoreFault.UNREACHABLE
                        || clock.instant().plus(next).isAfter(last)) {
                    throw failed;
                }
                LOG.info("{}; it is tried again in {} s", failed.getMessage(), next.toSeconds());
                await(next);
                try {
                    return attempt.make(true);
                } catch (BackupStoreException e) {
                    failed = e;
                }
            }
        }

        void over() {
            end = Optional.empty();
        }
    }

    private void await(Duration time) throws BackupStoreException {
        try {
            pause.pause(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupStoreException(StoreFault.FAILED, "interrupted", e);
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
