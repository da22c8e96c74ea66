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

/** Finds the format of a file by its content, and whether a tool may open it. */
public final class ImageInspector {
    /** The limit of VHDX. Below it, no arithmetic of this package overflows. */
    static final long MAX_DISK_BYTES = 1L << 46;

    private ImageInspector() {}

    /** @throws IOException if the file cannot be read; a faulty image is a result */
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
     * The size of the disk in a qcow2 that a guest has written to. Only the header is read, since the guest controls the
     * rest. Empty if a tool must not open the file.
     */
    public static Optional<Long> virtualSizeOfQcow2(Path disk) throws IOException {
        try (SeekableByteChannel channel = open(disk)) {
            ImageBytes bytes = ImageBytes.of(channel);
            boolean isQcow2 = bytes.size() > 0
                    && sniff(bytes).filter(ImageFormat.qcow2::equals).isPresent();
            return isQcow2 ? Optional.of(Qcow2Header.read(bytes, Qcow2Kind.DISK).virtualBytes()) : Optional.empty();
        } catch (FaultyImageException e) {
            return Optional.empty();
        }
    }

    /**
     * Why QEMU must not open a VM's disk, a qcow2 that its guest and the storage's administrator may have written to: it
     * would open another file as well. Any other damage is QEMU's to find.
     */
    public static Optional<ImageFault> dependenceOfQcow2(Path disk, Optional<FillBacking> allowed) throws IOException {
        try (SeekableByteChannel channel = open(disk)) {
            return dependenceOfQcow2(channel, allowed);
        }
    }

    /** The same of a disk that is whole. */
    public static Optional<ImageFault> dependenceOfQcow2(Path disk) throws IOException {
        return dependenceOfQcow2(disk, Optional.empty());
    }

    /** The same of a file that is open. */
    public static Optional<ImageFault> dependenceOfQcow2(SeekableByteChannel disk) throws IOException {
        return dependenceOfQcow2(disk, Optional.empty());
    }

    /** @param allowed what the disk may still be filled from, and nothing else */
    public static Optional<ImageFault> dependenceOfQcow2(SeekableByteChannel disk, Optional<FillBacking> allowed)
            throws IOException {
        try {
            return Qcow2Header.dependence(ImageBytes.of(disk), allowed);
        } catch (FaultyImageException e) {
            return Optional.of(e.fault());
        }
    }

    /**
     * The name of the backing file in a disk's header, which may be anything. Empty if it has none; a name that QEMU would not
     * accept is returned as an empty one.
     */
    public static Optional<String> backingOfQcow2(Path disk) throws IOException {
        try (SeekableByteChannel channel = open(disk)) {
            return backingOfQcow2(channel);
        }
    }

    /** The same of a file that is open. */
    public static Optional<String> backingOfQcow2(SeekableByteChannel disk) throws IOException {
        try {
            return Qcow2Header.backing(ImageBytes.of(disk));
        } catch (FaultyImageException e) {
            return Optional.of("");
        }
    }

    private static long inspect(ImageBytes bytes, ImageFormat format) throws IOException, FaultyImageException {
        return switch (format) {
            case raw -> RawDisk.inspect(bytes);
            case qcow2 -> Qcow2Tables.inspect(bytes, Qcow2Kind.IMAGE);
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
