package io.trustedlaunch.cli.plugin.catalog;

import io.trustedlaunch.catalog.ImageFormat;
import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The fields of a catalog's image that are read from its file. */
public record ImageFile(String sha256, long size, ImageFormat format) {
    private static final int CHUNK = 1 << 20;

    /** Empty if the file has no known format. */
    public static Optional<ImageFile> read(Path file) throws IOException {
        Sha256 digest = new Sha256();
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            Optional<ImageFormat> format =
                    ImageFormat.of(part(channel, 0), part(channel, Math.max(0, channel.size() - ImageFormat.SNIFFED)));
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

    private static byte[] part(SeekableByteChannel channel, long position) throws IOException {
        ByteBuffer part = ByteBuffer.allocate(ImageFormat.SNIFFED);
        channel.position(position);
        while (part.hasRemaining() && channel.read(part) >= 0) {
            // Reads until the buffer is full or the file ends.
        }
        byte[] bytes = new byte[part.flip().remaining()];
        part.get(bytes);
        return bytes;
    }
}
