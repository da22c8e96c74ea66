package io.trustedlaunch.agent.node;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.custody.Mark;
import io.trustedlaunch.files.DurableFiles;
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
 * The last mark that the operator raised while this agent watched, in two places. On the host's disk it shows that the API
 * server's data was restored from a backup. In memory, until the host's next boot, it shows that the data is of now: a disk
 * may itself have been set back, to when the backup was made.
 */
public final class MarkMemory {
    private static final Logger LOG = LoggerFactory.getLogger(MarkMemory.class);

    /** A leader renews its Lease every few seconds, and raises the mark every minute. */
    static final Duration IN_TOUCH = Duration.ofMinutes(1);

    private final Path file;
    private final Path untilBoot;
    private final LongSupplier nanoTime;
    private Optional<Mark> remembered;
    private long seen;
    private long seenAtNanos;
    private boolean hasSeen;
    private String leader = "";
    /** Raised since the host's boot; empty once the Lease has a lower one. */
    private Optional<Mark> raised;

    /**
     * @param file in the agent's own folder
     * @param untilBoot a file that does not outlive the host's boot
     */
    public MarkMemory(Path file, Path untilBoot, LongSupplier nanoTime) {
        this.file = file;
        this.untilBoot = untilBoot;
        this.nanoTime = nanoTime;
        this.remembered = read(file);
        this.raised = read(untilBoot);
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
        leader = Optional.ofNullable(lease.getSpec())
                .map(LeaseSpec::getHolderIdentity)
                .orElse("");
        Optional<Mark> mark = markOf(lease);
        boolean watched = hasSeen && now - seenAtNanos < IN_TOUCH.toNanos();
        long before = seen;
        seen = mark.map(Mark::number).orElse(0L);
        seenAtNanos = now;
        hasSeen = true;
        if (watched && seen > before) {
            remembered = mark;
            raised = mark;
            write(file, mark.orElseThrow());
            write(untilBoot, mark.orElseThrow());
        } else if (raised.filter(last -> seen < last.number()).isPresent()) {
            raised = Optional.empty();
        }
    }

    /** The holder of the Lease; empty: there is none, or it was not seen yet. */
    public synchronized String leader() {
        return leader;
    }

    /**
     * Whether the API server's data is of now: the leader has raised its mark since this host's boot, and the Lease has that
     * mark or a later one. Only a leader that knows its data to be current raises the mark, and it does so before each
     * incarnation.
     *
     * @param lease read now, and not from a cache
     */
    public synchronized boolean isCurrent(Lease lease) {
        return raised.filter(last -> markOf(lease)
                        .filter(mark -> mark.number() >= last.number())
                        .isPresent())
                .isPresent();
    }

    private static Optional<Mark> markOf(Lease lease) {
        return Optional.ofNullable(lease.getMetadata().getAnnotations())
                .map(all -> all.get(Api.MARK))
                .flatMap(Mark::parse);
    }

    private static void write(Path file, Mark mark) {
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
