package io.trustedlaunch.agent.libvirt;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file in memory that has no path, and is overwritten before it goes. */
final class MemoryFile implements AutoCloseable {
    private static final int CLOSE_ON_EXEC = 1;
    private static final int WRITE_ONLY = 1;

    /** Functions of Linux. */
    interface Files extends Library {
        Files INSTANCE = Native.load("c", Files.class);

        int memfd_create(String name, int flags) throws LastErrorException;

        int open(String path, int flags) throws LastErrorException;

        int close(int descriptor) throws LastErrorException;
    }

    private final int descriptor;
    private final FileChannel content;

    private MemoryFile(int descriptor, FileChannel content) {
        this.descriptor = descriptor;
        this.content = content;
    }

    /** @param name shown in /proc */
    static MemoryFile create(String name) {
        int created = -1;
        try {
            created = Files.INSTANCE.memfd_create(name, CLOSE_ON_EXEC);
            Path path = Path.of("/proc/self/fd/" + created);
            FileChannel content = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            // QEMU takes a descriptor only with exactly the access that it needs.
            return new MemoryFile(Files.INSTANCE.open(path.toString(), WRITE_ONLY), content);
        } catch (LastErrorException | IOException e) {
            throw new HypervisorException(
                    new HypervisorFailure.OperationFailed("cannot make a file in memory: " + e.getMessage()), e);
        } finally {
            if (created >= 0) {
                Files.INSTANCE.close(created);
            }
        }
    }

    /** For writing only. */
    int descriptor() {
        return descriptor;
    }

    /**
     * What was written, outside of the heap, where no garbage collector copies it.
     *
     * @param maxBytes more is an error
     */
    ByteBuffer read(int maxBytes) throws IOException {
        long size = content.size();
        if (size > maxBytes) {
            throw new IOException("it has " + size + " bytes, and at most " + maxBytes + " were expected");
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) size);
        while (buffer.hasRemaining() && content.read(buffer, buffer.position()) >= 0) {
            continue;
        }
        return buffer.flip();
    }

    static void wipe(ByteBuffer buffer) {
        buffer.clear();
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0);
        }
    }

    @Override
    public void close() {
        try (content) {
            overwrite();
        } catch (IOException e) {
            throw new HypervisorException(
                    new HypervisorFailure.OperationFailed("cannot overwrite a file in memory: " + e.getMessage()), e);
        } finally {
            Files.INSTANCE.close(descriptor);
        }
    }

    private void overwrite() throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate(64 * 1024);
        for (long position = 0; position < content.size(); position += zeros.capacity()) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), content.size() - position));
            content.write(zeros, position);
        }
    }
}
