package io.trustedlaunch.agent.libvirt;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import io.trustedlaunch.agent.hypervisor.GuestConsole;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A socket whose other end QEMU serves by the protocol of VNC. The JDK makes no channel of a descriptor that it has not opened.
 * Nothing of what passes is looked at.
 */
final class LibvirtScreen implements GuestConsole {
    /** A signal came first. */
    private static final int EINTR = 4;

    private static final int SHUT_RDWR = 2;
    private static final int MSG_NOSIGNAL = 0x4000;

    /** Functions of Linux. */
    interface Sockets extends Library {
        Sockets INSTANCE = Native.load("c", Sockets.class);

        long recv(int socket, byte[] data, long length, int flags) throws LastErrorException;

        long send(int socket, byte[] data, long length, int flags) throws LastErrorException;

        int shutdown(int socket, int how) throws LastErrorException;

        int close(int socket) throws LastErrorException;
    }

    private final int socket;
    /** Held for writing only by who closes: after it, the number may be that of another file. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    private volatile boolean closed;

    /** @param socket blocking; closed by this object */
    LibvirtScreen(int socket) {
        this.socket = socket;
    }

    @Override
    public int read(byte[] buffer) {
        int length = transfer(() -> Sockets.INSTANCE.recv(socket, buffer, buffer.length, 0));
        return length > 0 ? length : ENDED;
    }

    @Override
    public boolean write(byte[] bytes, int length) {
        int sent = 0;
        while (sent < length) {
            byte[] rest = Arrays.copyOfRange(bytes, sent, length);
            int more = transfer(() -> Sockets.INSTANCE.send(socket, rest, rest.length, MSG_NOSIGNAL));
            if (more < 0) {
                return false;
            }
            sent += more;
        }
        return true;
    }

    @FunctionalInterface
    private interface Transfer {
        long run() throws LastErrorException;
    }

    private int transfer(Transfer transfer) {
        use.readLock().lock();
        try {
            while (!closed) {
                try {
                    return (int) transfer.run();
                } catch (LastErrorException e) {
                    if (e.getErrorCode() != EINTR) {
                        return ENDED;
                    }
                }
            }
            return ENDED;
        } finally {
            use.readLock().unlock();
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        // Wakes who waits in a read or a write.
        ignoringFailure(() -> Sockets.INSTANCE.shutdown(socket, SHUT_RDWR));
        use.writeLock().lock();
        try {
            ignoringFailure(() -> Sockets.INSTANCE.close(socket));
        } finally {
            use.writeLock().unlock();
        }
    }

    /** The other end may have closed before. */
    private static void ignoringFailure(Transfer call) {
        try {
            call.run();
        } catch (LastErrorException e) {
            return;
        }
    }
}
