package io.trustedlaunch.agent.disks;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/**
 * A copy of an image that nobody else can change, with the digest that it should have: what is checked is what is used.
 */
record StagedImage(Path file) {
    private static final int CHUNK = 1 << 20;

    /** Copies while it hashes, and leaves holes where there are only zeros. */
    static StagedImage copy(ImageSource source, Path target, Progress progress) throws IOException {
        MessageDigest digest = sha256();
        try (SeekableByteChannel from = Files.newByteChannel(source.file(), READ, NOFOLLOW_LINKS);
                FileChannel to = FileChannel.open(
                        target,
                        Set.of(CREATE_NEW, WRITE),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            long position = 0;
            while (from.read(chunk) >= 0) {
                chunk.flip();
                digest.update(chunk.duplicate());
                position += write(to, position, chunk);
                chunk.clear();
                progress.at("copying image " + source.name(), position, from.size());
            }
            setLength(to, position);
        }
        requireDigest(source, HexFormat.of().formatHex(digest.digest()));
        return new StagedImage(target);
    }

    private static int write(FileChannel to, long position, ByteBuffer chunk) throws IOException {
        int length = chunk.remaining();
        if (!isZero(chunk)) {
            for (long at = position; chunk.hasRemaining(); ) {
                at += to.write(chunk, at);
            }
        }
        return length;
    }

    private static boolean isZero(ByteBuffer chunk) {
        ByteBuffer zeros = ByteBuffer.allocate(chunk.remaining());
        return chunk.mismatch(zeros) < 0;
    }

    /** A hole at the end is only there once something follows it. */
    private static void setLength(FileChannel to, long length) throws IOException {
        if (to.size() < length) {
            to.write(ByteBuffer.allocate(1), length - 1);
        }
    }

    private static void requireDigest(ImageSource source, String found) {
        if (!found.equalsIgnoreCase(source.sha256())) {
            throw new RefusedException(
                    Reason.DigestMismatch,
                    "the file of image " + source.name() + " (" + source.path() + ") has SHA-256 " + found
                            + ", its GuestImage says " + source.sha256() + ": put the right file there");
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
