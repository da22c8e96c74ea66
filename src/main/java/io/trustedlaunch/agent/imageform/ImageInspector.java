package io.trustedlaunch.agent.imageform;

import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageForm.Refused;
import io.trustedlaunch.catalog.ImageFormat;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Finds out what a file is, whatever it is called, and whether a tool may open it. */
public final class ImageInspector {
    /** What a VHDX can be; larger than any disk that is made from an image, and the sums below stay far from overflow. */
    static final long MAX_DISK_BYTES = 1L << 46;

    private ImageInspector() {}

    /** Throws only where the file cannot be read. */
    public static ImageForm inspect(Path image) throws IOException {
        try (SeekableByteChannel channel = open(image)) {
            return inspect(channel);
        }
    }

    static ImageForm inspect(SeekableByteChannel channel) throws IOException {
        ImageBytes bytes = ImageBytes.of(channel);
        try {
            FaultyImageException.when(bytes.size() == 0, ImageFault.Empty);
            Optional<ImageFormat> format = sniff(bytes);
            long virtualBytes = format.isEmpty() ? RawDisk.inspect(bytes) : inspect(bytes, format.get());
            return new Accepted(format.orElse(ImageFormat.raw), virtualBytes);
        } catch (FaultyImageException e) {
            return new Refused(e.fault());
        }
    }

    /**
     * The size of a disk that a guest has written to: of its header alone, which the guest cannot reach. Empty where a tool
     * may not open it.
     */
    public static Optional<Long> sizeOfGrownDisk(Path disk) throws IOException {
        try (SeekableByteChannel channel = open(disk)) {
            ImageBytes bytes = ImageBytes.of(channel);
            boolean isQcow2 = bytes.size() > 0
                    && sniff(bytes).filter(ImageFormat.qcow2::equals).isPresent();
            return isQcow2 ? Optional.of(Qcow2Header.read(bytes).virtualBytes()) : Optional.empty();
        } catch (FaultyImageException e) {
            return Optional.empty();
        }
    }

    private static long inspect(ImageBytes bytes, ImageFormat format) throws IOException, FaultyImageException {
        return switch (format) {
            case raw -> RawDisk.inspect(bytes);
            case qcow2 -> Qcow2Tables.inspect(bytes);
            case vhd -> Vhd.inspect(bytes);
            case vhdx -> Vhdx.inspect(bytes);
        };
    }

    private static Optional<ImageFormat> sniff(ImageBytes bytes) throws IOException, FaultyImageException {
        byte[] start = bytes.upTo(0, ImageFormat.SNIFFED);
        byte[] end = bytes.upTo(Math.max(0, bytes.size() - ImageFormat.SNIFFED), ImageFormat.SNIFFED);
        return ImageFormat.of(start, end);
    }

    private static SeekableByteChannel open(Path image) throws IOException {
        return Files.newByteChannel(image, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    }
}
