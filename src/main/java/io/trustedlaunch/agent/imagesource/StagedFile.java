package io.trustedlaunch.agent.imagesource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.host.WrongImageException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.files.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** A file being received: hashed, and sparse where there are only zeros. Its length shows the progress. */
final class StagedFile implements AutoCloseable {
    private static final int CHUNK = 1 << 20;

    /** Reserved for the VMs' disks on the same file system, which grow while guests write. */
    private static final long RESERVED_BYTES = 64L << 20;

    /** Chunks between two checks of the free space. */
    private static final int SPACE_CHECK_CHUNKS = 8;

    private final Path path;
    private final WantedImage wanted;
    private final FreeSpace space;
    private final Progress progress;
    private final FileChannel channel;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    private final ByteBuffer zeros = ByteBuffer.allocate(CHUNK);
    private Sha256 hash = new Sha256();
    private long written;
    private boolean hasEarlierBytes;
    private OptionalLong known;
    private OptionalLong total;

    private StagedFile(Path path, WantedImage wanted, FreeSpace space, Progress progress, FileChannel channel) {
        this.path = path;
        this.wanted = wanted;
        this.space = space;
        this.progress = progress;
        this.channel = channel;
        this.known = wanted.bytes();
        this.total = wanted.bytes();
    }

    /** Opens the file with the bytes that are there already. */
    static StagedFile open(Path path, WantedImage wanted, FreeSpace space, Progress progress) throws IOException {
        FileChannel channel = FileChannel.open(
                path,
                Set.of(CREATE, READ, WRITE, NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        StagedFile file = new StagedFile(path, wanted, space, progress, channel);
        try {
            file.readAgain();
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        return file;
    }

    private void readAgain() throws IOException {
        while (channel.read(chunk) >= 0) {
            written += chunk.flip().remaining();
            hash.update(chunk);
            chunk.clear();
        }
        hasEarlierBytes = written > 0;
        if (hasEarlierBytes) {
            progress.at(written, total);
        }
    }

    long length() {
        return written + chunk.position();
    }

    /** Whether some bytes are from an earlier attempt, and may be of another version. */
    boolean hasEarlierBytes() {
        return hasEarlierBytes;
    }

    boolean isWanted() {
        return hash.hex().equalsIgnoreCase(wanted.sha256());
    }

    /** Takes the length that the source states, for the progress; refuses one that differs from the known length. */
    void expect(long bytes) throws IOException {
        if (known.isPresent() && known.getAsLong() != bytes) {
            throw ofOtherSize("its source has " + bytes);
        }
        total = OptionalLong.of(bytes);
    }

    /** Requires this length of the file. */
    void require(long bytes) throws IOException {
        expect(bytes);
        known = total;
    }

    /** Refuses before fetching what would not fit. Whether the file is sparse is not known yet. */
    void requireSpace() throws IOException {
        long missing = total.orElse(0) - length();
        if (missing > space.bytes(path)) {
            throw noSpace(missing + " more bytes are needed");
        }
    }

    void append(ByteBuffer bytes) throws IOException {
        if (known.isPresent() && length() + bytes.remaining() > known.getAsLong()) {
            throw ofOtherSize("its source sends more");
        }
        while (bytes.hasRemaining()) {
            ByteBuffer part = bytes.slice(bytes.position(), Math.min(bytes.remaining(), chunk.remaining()));
            hash.update(part.duplicate());
            bytes.position(bytes.position() + part.remaining());
            chunk.put(part);
            if (!chunk.hasRemaining()) {
                flush();
            }
        }
        progress.at(length(), total);
    }

    private void flush() throws IOException {
        if (chunk.position() == 0) {
            return;
        }
        if (written / CHUNK % SPACE_CHECK_CHUNKS == 0 && space.bytes(path) < RESERVED_BYTES) {
            throw noSpace("the rest is reserved for the VMs' disks");
        }
        chunk.flip();
        int length = chunk.remaining();
        if (chunk.mismatch(zeros.limit(length)) >= 0) {
            for (long at = written; chunk.hasRemaining(); ) {
                at += channel.write(chunk, at);
            }
        }
        written += length;
        chunk.clear();
    }

    /** Drops all received bytes. */
    void startOver() throws IOException {
        Files.deleteIfExists(mark(path));
        channel.truncate(0);
        chunk.clear();
        hash = new Sha256();
        written = 0;
        hasEarlierBytes = false;
        total = known;
    }

    /** Records the source's version of these bytes, for a later attempt that resumes. */
    void markVersion(Optional<String> version) throws IOException {
        if (version.isPresent()) {
            DurableFiles.write(mark(path), version.get().getBytes(UTF_8));
        } else {
            Files.deleteIfExists(mark(path));
        }
    }

    Optional<String> version() throws IOException {
        return Files.isRegularFile(mark(path), NOFOLLOW_LINKS)
                ? Optional.of(Files.readString(mark(path)))
                : Optional.empty();
    }

    private static Path mark(Path path) {
        return path.resolveSibling(path.getFileName() + ".version");
    }

    /** @param source for the message */
    void requireWanted(String source) throws IOException {
        if (!isWanted()) {
            throw wrong(
                    Reason.DigestMismatch,
                    source + " has SHA-256 " + hash.hex() + ", but its GuestImage has " + wanted.sha256()
                            + "; put the right file there");
        }
        writeAll();
        Files.deleteIfExists(mark(path));
    }

    /** Also removes the file, because others need the space. */
    private RefusedException noSpace(String detail) throws IOException {
        long free = space.bytes(path);
        discard();
        return new RefusedException(
                Reason.NoSpace,
                "there is no space for image " + wanted.name() + " in " + path.getParent() + ": " + detail
                        + ", but only " + free + " bytes are free; free or add space");
    }

    private WrongImageException ofOtherSize(String actual) throws IOException {
        return wrong(
                Reason.ImageSizeMismatch,
                "image " + wanted.name() + " should have " + known.getAsLong() + " bytes, but " + actual
                        + "; put the right file there");
    }

    private WrongImageException wrong(Reason reason, String message) throws IOException {
        discard();
        return new WrongImageException(reason, message);
    }

    private void discard() throws IOException {
        startOver();
        remove(path);
    }

    static void remove(Path path) throws IOException {
        Files.deleteIfExists(path);
        Files.deleteIfExists(mark(path));
    }

    private void writeAll() throws IOException {
        flush();
        // A hole at the end needs a byte after it.
        if (channel.size() < written) {
            channel.write(ByteBuffer.allocate(1), written - 1);
        }
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            if (length() > 0) {
                writeAll();
            }
        }
    }
}
