package io.trustedlaunch.agent.imagesource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.trustedlaunch.agent.host.DurableFiles;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.host.WrongImageException;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** An image as it comes: hashed, and with holes where there are only zeros. Its length is how far it came. */
final class StagedFile implements AutoCloseable {
    private static final int CHUNK = 1 << 20;

    /** What is left to the disks beside it, which grow while guests write. */
    private static final long ROOM_FOR_OTHERS = 64L << 20;

    /** Each time so many chunks have come. */
    private static final int ROOM_IS_LOOKED_AT = 8;

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

    /** With what is there already. */
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

    /** Some of it is of an earlier time, and may not fit what came since. */
    boolean hasEarlierBytes() {
        return hasEarlierBytes;
    }

    boolean isWanted() {
        return hash.hex().equalsIgnoreCase(wanted.sha256());
    }

    /** What a source says about the length: for progress, and refused where another is known. */
    void expect(long bytes) throws IOException {
        if (known.isPresent() && known.getAsLong() != bytes) {
            throw ofOtherSize("its source has " + bytes);
        }
        total = OptionalLong.of(bytes);
    }

    /** No other length can be that of the wanted bytes. */
    void require(long bytes) throws IOException {
        expect(bytes);
        known = total;
    }

    /** Not to fetch for nothing what would not fit. That it may have holes is not known before it came. */
    void requireRoom() throws IOException {
        long missing = total.orElse(0) - length();
        if (missing > space.bytes(path)) {
            throw noSpace(missing + " bytes of it are still to come");
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
        if (written / CHUNK % ROOM_IS_LOOKED_AT == 0 && space.bytes(path) < ROOM_FOR_OTHERS) {
            throw noSpace("what is left of it is for the disks of VMs");
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

    /** Forgets all that came. */
    void startOver() throws IOException {
        Files.deleteIfExists(mark(path));
        channel.truncate(0);
        chunk.clear();
        hash = new Sha256();
        written = 0;
        hasEarlierBytes = false;
        total = known;
    }

    /** Remembers which version of the source these bytes are of, for whoever takes them up. */
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
                    source + " has SHA-256 " + hash.hex() + ", its GuestImage says " + wanted.sha256()
                            + ": put the right file there");
        }
        writeAll();
        Files.deleteIfExists(mark(path));
    }

    /** Room is wanted by others. */
    private RefusedException noSpace(String detail) throws IOException {
        long free = space.bytes(path);
        discard();
        return new RefusedException(
                Reason.NoSpace,
                "no room for image " + wanted.name() + " in " + path.getParent() + ": " + detail + ", and " + free
                        + " are free. Make room there");
    }

    private WrongImageException ofOtherSize(String but) throws IOException {
        return wrong(
                Reason.ImageSizeMismatch,
                "image " + wanted.name() + " should have " + known.getAsLong() + " bytes, and " + but
                        + ": put the right file there");
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
        // A hole at the end is only there once something follows it.
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
