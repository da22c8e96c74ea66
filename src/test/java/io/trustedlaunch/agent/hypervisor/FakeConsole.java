package io.trustedlaunch.agent.hypervisor;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A console in memory; the test plays the guest with the last methods. */
public final class FakeConsole implements GuestConsole {
    private static final byte[] END = new byte[0];

    private final BlockingQueue<byte[]> written = new LinkedBlockingQueue<>();
    private final StringBuffer typed = new StringBuffer();
    private volatile boolean closed;

    @Override
    public int read(byte[] buffer) throws InterruptedException {
        byte[] next = closed ? END : written.take();
        if (closed || next == END) {
            return ENDED;
        }
        System.arraycopy(next, 0, buffer, 0, next.length);
        return next.length;
    }

    @Override
    public boolean write(byte[] bytes, int length) {
        if (!closed) {
            typed.append(new String(Arrays.copyOf(bytes, length), StandardCharsets.ISO_8859_1));
        }
        return !closed;
    }

    @Override
    public void close() {
        closed = true;
        written.add(END);
    }

    public boolean isClosed() {
        return closed;
    }

    /** At most the size of a reader's buffer. */
    public void guestWrites(String text) {
        written.add(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Whether all output of the guest was read. */
    public boolean isRead() {
        return written.isEmpty();
    }

    /** The guest ends, after its last output. */
    public void end() {
        written.add(END);
    }

    public String typed() {
        return typed.toString();
    }
}
