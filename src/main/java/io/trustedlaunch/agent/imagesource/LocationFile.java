package io.trustedlaunch.agent.imagesource;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.READ;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** An image that is a file in a storage location. */
public final class LocationFile implements ImageSource {
    private static final int CHUNK = 1 << 20;

    private final Path location;
    private final String path;

    /** @param path below {@code location} */
    public LocationFile(Path location, String path) {
        this.location = location;
        this.path = path;
    }

    @Override
    public void fetch(Path staged, WantedImage wanted, Progress progress) {
        Path file = file(wanted);
        new Transfer(FreeSpace.OF_ITS_FILE_SYSTEM)
                .run(
                        "the file of image " + wanted.name() + " (" + path + ")",
                        staged,
                        wanted,
                        progress,
                        into -> copy(file, into));
    }

    private static void copy(Path file, StagedFile into) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        try (SeekableByteChannel from = reading(file, () -> Files.newByteChannel(file, READ, NOFOLLOW_LINKS))) {
            into.expect(reading(file, from::size));
            reading(file, () -> from.position(into.length()));
            while (reading(file, () -> from.read(chunk)) >= 0) {
                into.append(chunk.flip());
                chunk.clear();
            }
        }
    }

    @FunctionalInterface
    private interface Reading<T> {
        T get() throws IOException;
    }

    /** A read error may be temporary, for example if a file server is down. */
    private static <T> T reading(Path file, Reading<T> reading) {
        try {
            return reading.get();
        } catch (IOException e) {
            throw new TryLaterException(
                    "cannot read " + file + ": " + e.getMessage() + "; check its storage location", e);
        }
    }

    /** The file below its location. Links are refused: they could lead to any file of this host. */
    private Path file(WantedImage wanted) {
        Path file = location;
        for (Path part : relative(wanted)) {
            file = file.resolve(part);
            if (Files.isSymbolicLink(file)) {
                throw missing(wanted, file + " is a link; put the file itself there");
            }
        }
        if (!Files.isRegularFile(file, NOFOLLOW_LINKS)) {
            throw missing(
                    wanted,
                    (Files.exists(file) ? file + " is not a file" : "there is no file " + file)
                            + "; put the image there");
        }
        return file;
    }

    private Path relative(WantedImage wanted) {
        try {
            Path relative = Path.of(path);
            boolean plain = !relative.isAbsolute()
                    && relative.normalize().equals(relative)
                    && !relative.startsWith("..")
                    && !path.isEmpty();
            if (plain) {
                return relative;
            }
        } catch (InvalidPathException e) {
            throw missing(
                    wanted, "its path is invalid: " + e.getReason() + "; create a GuestImage with the right path");
        }
        throw missing(
                wanted,
                "its path must be relative to the storage location, without '..': " + path
                        + "; create a GuestImage with the right path");
    }

    private static RefusedException missing(WantedImage wanted, String detail) {
        return new RefusedException(
                Reason.ImageFileMissing, "cannot read image " + wanted.name() + " on this node: " + detail);
    }
}
