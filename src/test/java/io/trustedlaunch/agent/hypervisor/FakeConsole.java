package io.trustedlaunch.agent.hypervisor;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A console in memory; what the guest does a test does with the last methods. */
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

    /** Not more than a reader's buffer takes. */
    public void guestWrites(String text) {
        written.add(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Whether all that the guest has written was taken. */
    public boolean isRead() {
        return written.isEmpty();
    }

    /** The guest ends, after its last words. */
    public void end() {
        written.add(END);
    }

    public String typed() {
        return typed.toString();
    }
}
