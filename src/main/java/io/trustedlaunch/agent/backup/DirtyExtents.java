package io.trustedlaunch.agent.backup;

import io.trustedlaunch.agent.disks.ConfinedTools;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The dirty parts of an exported disk, as qemu-img lists them: millions for a large disk, so that no list is kept. */
record DirtyExtents(ConfinedTools tools, Duration timeout) {
    /** An extent with the base's data is "present"; one that was written since is not. */
    private static final Pattern EXTENT = Pattern.compile(
            "\\[?\\{ \"start\": (\\d{1,18}), \"length\": (\\d{1,18}), .*\"data\": (true|false).*}[,\\]]");

    private static final int LONGEST_LINE = 1000;

    /** qemu-io reads an extent into memory. */
    private static final long READ_BYTES = 8L << 20;

    /** The reads are arguments of one process, for which the system allows 2 MiB. */
    private static final int READS = 4000;

    /**
     * Calls with commands of qemu-io that read all that is dirty, some at a time.
     *
     * @return how many bytes are dirty
     */
    long forEachBatch(DiskExport from, Consumer<List<String>> reader) {
        List<String> map = List.of("qemu-img", "map", "--output=json", "json:" + from.dirty());
        String action = "list what has changed on disk " + from.name();
        try {
            Process process = tools.command(timeout, 0, map).start();
            try (InputStream lines = new BufferedInputStream(process.getInputStream())) {
                Thread.ofVirtual().start(() -> endAfter(process));
                return read(action, lines, process, reader);
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new BackupDiskException(new BackupDiskFailure.Failed(action, String.valueOf(e.getMessage())), e);
        }
    }

    private void endAfter(Process process) {
        try {
            if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long read(String action, InputStream lines, Process process, Consumer<List<String>> reader)
            throws IOException {
        long dirty = 0;
        List<String> reads = new ArrayList<>();
        String message = "";
        for (Optional<String> line = next(lines); line.isPresent(); line = next(lines)) {
            Matcher extent = EXTENT.matcher(line.get());
            if (!extent.matches()) {
                message = line.get();
                continue;
            }
            if (Boolean.parseBoolean(extent.group(3))) {
                continue;
            }
            long start = Long.parseLong(extent.group(1));
            long length = Long.parseLong(extent.group(2));
            dirty += length;
            for (long done = 0; done < length; done += READ_BYTES) {
                reads.add("read -q " + (start + done) + " " + Math.min(READ_BYTES, length - done));
                if (reads.size() == READS) {
                    reader.accept(List.copyOf(reads));
                    reads.clear();
                }
            }
        }
        requireSuccess(action, process, message);
        if (!reads.isEmpty()) {
            reader.accept(List.copyOf(reads));
        }
        return dirty;
    }

    private static void requireSuccess(String action, Process process, String message) {
        try {
            if (process.waitFor() != 0) {
                throw new BackupDiskException(new BackupDiskFailure.Failed(action, message));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupDiskException(new BackupDiskFailure.Failed(action, "interrupted"), e);
        }
    }

    /** Empty at the end. The rest of a line that is too long is lost. */
    private static Optional<String> next(InputStream from) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = from.read();
        if (next < 0) {
            return Optional.empty();
        }
        for (; next >= 0 && next != '\n'; next = from.read()) {
            if (line.size() < LONGEST_LINE) {
                line.write(next);
            }
        }
        return Optional.of(line.toString(StandardCharsets.UTF_8));
    }
}
