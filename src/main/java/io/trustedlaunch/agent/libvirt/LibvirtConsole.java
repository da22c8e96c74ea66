package io.trustedlaunch.agent.libvirt;

import com.sun.jna.Pointer;
import io.trustedlaunch.agent.hypervisor.GuestConsole;
import java.time.Duration;
import java.util.Arrays;

/**
 * A libvirt stream. It is polled: a thread that blocked in libvirt could not be interrupted, and would block other users of
 * the connection.
 */
final class LibvirtConsole implements GuestConsole {
    private static final int WOULD_BLOCK = -2;
    private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

    private final Pointer stream;
    private boolean closed;

    /** @param stream non-blocking; closed by this object */
    LibvirtConsole(Pointer stream) {
        this.stream = stream;
    }

    @Override
    public int read(byte[] buffer) throws InterruptedException {
        while (true) {
            int length = receive(buffer);
            if (length != WOULD_BLOCK) {
                return length > 0 ? length : ENDED;
            }
            Thread.sleep(POLL_INTERVAL);
        }
    }

    @Override
    public boolean write(byte[] bytes, int length) throws InterruptedException {
        int sent = 0;
        while (sent < length) {
            int more = send(Arrays.copyOfRange(bytes, sent, length));
            if (more == WOULD_BLOCK) {
                Thread.sleep(POLL_INTERVAL);
            } else if (more < 0) {
                return false;
            } else {
                sent += more;
            }
        }
        return true;
    }

    private synchronized int receive(byte[] buffer) {
        return closed ? ENDED : LibvirtNative.INSTANCE.virStreamRecv(stream, buffer, buffer.length);
    }

    private synchronized int send(byte[] bytes) {
        return closed ? ENDED : LibvirtNative.INSTANCE.virStreamSend(stream, bytes, bytes.length);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            LibvirtNative.INSTANCE.virStreamAbort(stream);
            LibvirtNative.INSTANCE.virStreamFree(stream);
        }
    }
}
