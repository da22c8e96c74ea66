package io.trustedlaunch.cli.plugin.catalog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.trustedlaunch.catalog.ImageFormat;
import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** The fields of a catalog's image that are read from its file. */
public record ImageFile(String sha256, long size, ImageFormat format) {
    private static final int CHUNK = 1 << 20;

    /** In the descriptor of a disc's volume, at sector 16: ISO 9660 (ECMA-119), or UDF (ECMA-167). */
    private static final long IDENTIFIER = 16 * 2048 + 1;

    private static final int IDENTIFIER_LENGTH = 5;
    private static final Set<String> DISCS = Set.of("CD001", "BEA01");

    /** Empty if the file has no known format. A disc is raw. */
    public static Optional<ImageFile> read(Path file) throws IOException {
        Sha256 digest = new Sha256();
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            Optional<ImageFormat> format = format(channel);
            if (format.isEmpty()) {
                return Optional.empty();
            }
            channel.position(0);
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            long size = 0;
            while (channel.read(chunk) >= 0) {
                size += chunk.position();
                digest.update(chunk.flip());
                chunk.clear();
            }
            return Optional.of(new ImageFile(digest.hex(), size, format.get()));
        }
    }

    /** What a disc begins with is free: the boot sector of a disk, for example, or nothing. */
    private static Optional<ImageFormat> format(SeekableByteChannel channel) throws IOException {
        byte[] start = part(channel, 0, ImageFormat.SNIFFED);
        byte[] end = part(channel, Math.max(0, channel.size() - ImageFormat.SNIFFED), ImageFormat.SNIFFED);
        Optional<ImageFormat> format = ImageFormat.of(start, end);
        if (format.isPresent()) {
            return format;
        }
        String identifier = new String(part(channel, IDENTIFIER, IDENTIFIER_LENGTH), ISO_8859_1);
        return DISCS.contains(identifier) ? Optional.of(ImageFormat.raw) : Optional.empty();
    }

    /** Less than that if the file ends before. */
    private static byte[] part(SeekableByteChannel channel, long position, int length) throws IOException {
        ByteBuffer part = ByteBuffer.allocate(length);
        channel.position(position);
        while (part.hasRemaining() && channel.read(part) >= 0) {
            // Reads until the buffer is full or the file ends.
        }
        byte[] bytes = new byte[part.flip().remaining()];
        part.get(bytes);
        return bytes;
    }
}
