package io.trustedlaunch.agent.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.agent.host.DurableFiles;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.custody.Mark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last mark that the operator raised while this agent watched. Kept on the host: it is what shows that the API server's
 * data was restored from a backup.
 */
public final class MarkMemory {
    private static final Logger LOG = LoggerFactory.getLogger(MarkMemory.class);

    /** A leader renews its Lease every few seconds, and raises the mark every minute. */
    static final Duration IN_TOUCH = Duration.ofMinutes(1);

    private final Path file;
    private final LongSupplier nanoTime;
    private Optional<Mark> remembered;
    private long seen;
    private long seenAtNanos;
    private boolean hasSeen;

    /** @param file in the agent's own folder */
    public MarkMemory(Path file, LongSupplier nanoTime) {
        this.file = file;
        this.nanoTime = nanoTime;
        this.remembered = read(file);
    }

    synchronized Optional<Mark> remembered() {
        return remembered;
    }

    /**
     * Remembers a mark that was raised just now. One that was already there may have come from a backup, after which this
     * agent found the API server again.
     */
    synchronized void seen(Lease lease) {
        long now = nanoTime.getAsLong();
        Optional<Mark> mark = Optional.ofNullable(lease.getMetadata().getAnnotations())
                .map(all -> all.get(Api.MARK))
                .flatMap(Mark::parse);
        boolean watched = hasSeen && now - seenAtNanos < IN_TOUCH.toNanos();
        long before = seen;
        seen = mark.map(Mark::number).orElse(0L);
        seenAtNanos = now;
        hasSeen = true;
        if (watched && seen > before) {
            remembered = mark;
            write(mark.orElseThrow());
        }
    }

    private void write(Mark mark) {
        try {
            DurableFiles.write(file, mark.toString().getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            LOG.warn("Cannot write {}, so the operator's last mark is forgotten when this process ends: {}", file, e);
        }
    }

    private static Optional<Mark> read(Path file) {
        try {
            return Mark.parse(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
