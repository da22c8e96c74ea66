package io.trustedlaunch.agent.disks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the first bytes of an image say. Looked at before any tool opens it: qemu-img opens the files that an image
 * refers to, whatever they are, before it says so.
 */
record ImageHeader(ByteBuffer bytes) {
    private static final int LENGTH = 512;
    private static final int QCOW2_MAGIC = 0x514649FB;
    private static final int QCOW2_BACKING_OFFSET = 8;
    private static final int QCOW2_SIZE = 24;
    private static final int QCOW2_ENCRYPTION = 32;
    private static final int QCOW2_SNAPSHOTS = 60;
    private static final int QCOW2_INCOMPATIBLE = 72;
    private static final long QCOW2_EXTERNAL_DATA = 1L << 2;
    private static final int VHD_TYPE = 60;
    private static final int VHD_DIFFERENCING = 4;

    static ImageHeader of(Path image) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
        try (SeekableByteChannel channel = Files.newByteChannel(image)) {
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // Until there is a header, or no more.
            }
        }
        // What a short file lacks reads as zero, and nothing below refuses zero.
        return new ImageHeader(bytes.clear());
    }

    /** Why no tool may open it. */
    Optional<String> refusal() {
        if (isQcow2()) {
            return qcow2Refusal();
        }
        boolean differencing = startsWith("conectix") && bytes.getInt(VHD_TYPE) == VHD_DIFFERENCING;
        return differencing ? Optional.of("it is a differencing disk: it needs its parent") : Optional.empty();
    }

    /** The size of the disk inside; empty where it is no qcow2. */
    Optional<Long> qcow2Size() {
        return isQcow2() ? Optional.of(bytes.getLong(QCOW2_SIZE)) : Optional.empty();
    }

    private Optional<String> qcow2Refusal() {
        boolean hasFeatures = bytes.getInt(4) >= 3;
        if (bytes.getLong(QCOW2_BACKING_OFFSET) != 0) {
            return Optional.of("it has a backing file");
        }
        if (hasFeatures && (bytes.getLong(QCOW2_INCOMPATIBLE) & QCOW2_EXTERNAL_DATA) != 0) {
            return Optional.of("it has an external data file");
        }
        if (bytes.getInt(QCOW2_ENCRYPTION) != 0) {
            return Optional.of("it is encrypted");
        }
        return bytes.getInt(QCOW2_SNAPSHOTS) != 0 ? Optional.of("it holds snapshots") : Optional.empty();
    }

    private boolean isQcow2() {
        return bytes.getInt(0) == QCOW2_MAGIC;
    }

    private boolean startsWith(String magic) {
        byte[] start = new byte[magic.length()];
        bytes.get(0, start);
        return magic.equals(new String(start, StandardCharsets.ISO_8859_1));
    }
}
