package io.trustedlaunch.agent.libvirt;

import com.sun.jna.Pointer;
import io.trustedlaunch.agent.hypervisor.GuestConsole;
import java.time.Duration;
import java.util.Arrays;

/**
 * A stream of libvirt's. It is asked again and again: a thread that waited within libvirt could not be called back, and
 * would hold up whoever else uses the connection.
 */
final class LibvirtConsole implements GuestConsole {
    private static final int WOULD_WAIT = -2;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private final Pointer stream;
    private boolean closed;

    /** @param stream that never waits; its end is this one's business */
    LibvirtConsole(Pointer stream) {
        this.stream = stream;
    }

    @Override
    public int read(byte[] buffer) throws InterruptedException {
        while (true) {
            int length = receive(buffer);
            if (length != WOULD_WAIT) {
                return length > 0 ? length : ENDED;
            }
            Thread.sleep(BETWEEN_LOOKS);
        }
    }

    @Override
    public boolean write(byte[] bytes, int length) throws InterruptedException {
        int sent = 0;
        while (sent < length) {
            int more = send(Arrays.copyOfRange(bytes, sent, length));
            if (more == WOULD_WAIT) {
                Thread.sleep(BETWEEN_LOOKS);
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
