package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.files.NoSpace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Makes disks with a valid header only. That is enough for tests with thousands of incarnations, in which a start of
 * qemu-img would take as much CPU time as all the rest. A test can make its writes fail.
 */
public final class FakeDiskTool implements DiskTool {
    private static final int MAGIC = 0x514649FB;
    private static final int CLUSTER_BITS = 16;
    private static final int SIZE = 24;
    private static final int BACKING_AT = 128;
    private static final long BYTES_PER_MAPPING = 1L << 29;

    @Override
    public void convert(Path image, Accepted form, Path disk) {
        create(disk, form.virtualBytes());
    }

    @Override
    public void create(Path disk, long bytes) {
        write(disk, bytes);
    }

    @Override
    public void resize(Path disk, long bytes) {
        write(disk, bytes);
    }

    /** After the header that it leaves alone. */
    @Override
    public void setBacking(Path disk, FillBacking backing) {
        byte[] name = backing.toString().getBytes(StandardCharsets.UTF_8);
        try (FileChannel file = FileChannel.open(disk, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(name), BACKING_AT);
            file.write(
                    ByteBuffer.allocate(12)
                            .putLong(BACKING_AT)
                            .putInt(name.length)
                            .flip(),
                    8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As QEMU does when it has filled a disk. */
    public static void clearBacking(Path disk) {
        try (FileChannel file = FileChannel.open(disk, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(12), 8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path disk, long bytes) {
        ByteBuffer header = ByteBuffer.allocate(512);
        header.putInt(0, MAGIC).putInt(4, 3).putInt(20, CLUSTER_BITS).putLong(SIZE, bytes);
        header.putInt(36, Math.toIntExact(Math.ceilDiv(bytes, BYTES_PER_MAPPING)))
                .putLong(40, 3L << CLUSTER_BITS);
        header.putLong(48, 1L << CLUSTER_BITS).putInt(56, 1).putInt(96, 4).putInt(100, 112);
        try {
            Files.write(disk, header.array(), StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw NoSpace.isCauseOf(e)
                    ? QemuImg.noSpace(disk)
                    : new RefusedException(Reason.StartFailed, "cannot write disk " + disk.getFileName() + ": " + e);
        }
    }
}
