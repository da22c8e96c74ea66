package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backup.DiskReadException;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.pack.DiskSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How far the disks of a backup are read, for the thread that watches it. What serves them may be in the hands of a guest that has
 * escaped: it is neither waited for without end nor believed how large a disk is.
 */
final class DiskReads {
    /** Of one answer. */
    private static final Duration SILENCE = Duration.ofMinutes(10);

    private static final int WHOLE = 100;

    private final InstantSource clock;
    private final AtomicLong all = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final Map<Thread, Asked> asked = new ConcurrentHashMap<>();

    private record Asked(String disk, Instant since) {}

    /** Something that is asked of what serves a disk. */
    interface Question<T> {
        T ask() throws IOException;
    }

    /** @param clock that nobody sets */
    DiskReads(InstantSource clock) {
        this.clock = clock;
    }

    /** The same disk, of which what is to be read is known, and what was read is counted. */
    DiskSource counted(BackupRunDisk disk, DiskSource source) throws IOException {
        if (source.bytes() != disk.virtualBytes()) {
            throw new DiskReadException(
                    disk.name(), "it has " + disk.virtualBytes() + " bytes, and " + source.bytes() + " are served");
        }
        DiskSource.Wanted wanted = ask(disk.name(), () -> source.wanted(Geometry.STANDARD));
        long bytes = (long) wanted.blocks().cardinality() * Geometry.STANDARD.blockBytes();
        all.addAndGet(Math.min(bytes, source.bytes()));
        return new Counted(disk.name(), source, wanted);
    }

    /** Less than all: what is left to do is reported with the run's end. */
    int percent() {
        return (int) Math.min(WHOLE - 1, done.get() * WHOLE / Math.max(1, all.get()));
    }

    Optional<Problem> silence() {
        Instant limit = clock.instant().minus(SILENCE);
        return asked.values().stream()
                .filter(one -> one.since().isBefore(limit))
                .findFirst()
                .map(one -> new Problem(
                        Reason.DiskCopyFailed,
                        "cannot read disk " + one.disk() + ": what serves it has not answered for "
                                + SILENCE.toMinutes() + " minutes; check the VM and its storage"));
    }

    /** Notices that the answer does not come. */
    <T> T ask(String disk, Question<T> question) throws IOException {
        asked.put(Thread.currentThread(), new Asked(disk, clock.instant()));
        try {
            return question.ask();
        } catch (DiskReadException e) {
            throw e;
        } catch (IOException e) {
            throw new DiskReadException(disk, e);
        } finally {
            asked.remove(Thread.currentThread());
        }
    }

    private final class Counted implements DiskSource {
        private final String name;
        private final DiskSource source;
        private final Wanted wanted;

        Counted(String name, DiskSource source, Wanted wanted) {
            this.name = name;
            this.source = source;
            this.wanted = wanted;
        }

        @Override
        public long bytes() {
            return source.bytes();
        }

        @Override
        public Wanted wanted(Geometry geometry) {
            return wanted;
        }

        @Override
        public Reader open() throws IOException {
            Reader reader = ask(name, source::open);
            return new Reader() {
                @Override
                public void read(long offset, ByteBuffer into) throws IOException {
                    int bytes = into.remaining();
                    ask(name, () -> {
                        reader.read(offset, into);
                        return bytes;
                    });
                    done.addAndGet(bytes);
                }

                @Override
                public void close() throws IOException {
                    reader.close();
                }
            };
        }
    }
}
