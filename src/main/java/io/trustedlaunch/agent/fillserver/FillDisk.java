package io.trustedlaunch.agent.fillserver;

import io.trustedlaunch.agent.nbd.NbdExport;
import io.trustedlaunch.agent.run.RunFaults;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.backup.pack.DamagedPackException;
import io.trustedlaunch.backup.pack.DiskReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A disk of a backup as QEMU reads it. A store that fails makes a read wait: a guest survives that, and survives no error. What is
 * damaged is an error, since no wait would help.
 */
final class FillDisk implements NbdExport {
    private static final Logger LOG = LoggerFactory.getLogger(FillDisk.class);
    private static final Duration LONGEST = Duration.ofSeconds(15);

    private final String name;
    private final long bytes;
    private final Duration first;
    private final Map<Thread, Problem> waiting = new ConcurrentHashMap<>();
    private volatile Current current;
    private volatile Optional<Damage> damage = Optional.empty();

    /** A reader, until there is another one. */
    private record Current(DiskReader reader, CountDownLatch replaced) {
        Current(DiskReader reader) {
            this(reader, new CountDownLatch(1));
        }
    }

    /** What could not be read last. */
    private record Damage(long offset, int length, Problem problem) {}

    @FunctionalInterface
    private interface Reading {
        long read(DiskReader reader) throws IOException;
    }

    /** @param first how long the first wait is */
    FillDisk(String name, DiskReader reader, Duration first) {
        this.name = name;
        this.bytes = reader.bytes();
        this.current = new Current(reader);
        this.first = first;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public long zeros(long offset, long length) throws IOException {
        return patiently(offset, 1, from -> from.zeros(offset, length));
    }

    @Override
    public void read(long offset, ByteBuffer into) throws IOException {
        patiently(offset, into.remaining(), from -> {
            from.read(offset, into);
            return 0;
        });
    }

    private long patiently(long offset, int length, Reading reading) throws IOException {
        try {
            for (Duration next = first; ; next = longer(next)) {
                Current from = current;
                try {
                    return reading.read(from.reader());
                } catch (DamagedPackException e) {
                    LOG.error("disk {}: {}", name, e.getMessage());
                    damage = Optional.of(new Damage(offset, length, RunFaults.ofBackup(e.fault(), e.getMessage())));
                    throw e;
                } catch (IOException e) {
                    waits(e.getMessage());
                    await(from, next);
                }
            }
        } finally {
            waiting.remove(Thread.currentThread());
        }
    }

    private void waits(String why) {
        Problem problem =
                new Problem(Reason.BackupLocationUnavailable, "the guest waits for disk " + name + ": " + why);
        if (!problem.equals(waiting.put(Thread.currentThread(), problem))) {
            LOG.warn("{}; it is tried again", problem.message());
        }
    }

    private static Duration longer(Duration wait) {
        Duration next = wait.multipliedBy(2);
        return next.compareTo(LONGEST) < 0 ? next : LONGEST;
    }

    /** Returns at once when there is another reader. */
    private static void await(Current failed, Duration time) throws IOException {
        try {
            failed.replaced().await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Returns the reader that was used until now: reads that are under way may still use it. */
    DiskReader replace(DiskReader other) {
        Current before = current;
        current = new Current(other);
        before.replaced().countDown();
        return before.reader();
    }

    /** Reads again what was damaged: it may have been mended, and a guest that stands still does not ask. */
    void recheck() {
        damage.ifPresent(found -> {
            try {
                current.reader().read(found.offset(), ByteBuffer.allocate(found.length()));
                damage = Optional.empty();
                LOG.info("disk {}: what was damaged can be read again", name);
            } catch (IOException e) {
                LOG.debug("disk {}: {}", name, e.getMessage());
            }
        });
    }

    /** Why reads fail or wait. */
    Optional<Problem> trouble() {
        return damage.map(Damage::problem).or(() -> waiting.values().stream().findFirst());
    }
}
