package io.trustedlaunch.agent.console;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.trustedlaunch.console.Frame;
import io.trustedlaunch.console.Frames;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Frames waiting to be sent to a client. The guest cannot fill the agent's memory. A slow client never blocks the guest: excess
 * output of a serial console is dropped, the oldest first, and the console's log keeps it. A screen's output waits: what
 * draws it waits for slow clients, not the guest. A guest writes byte by byte, so bytes are held in one array, and not as they come.
 */
final class OutputBuffer {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Holds the bytes from {@link #begin} on, beyond its end from its beginning on. */
    private final byte[] ring;

    private final WhenFull whenFull;

    private int begin;
    private int held;
    private long dropped;
    private Optional<Frame> last = Optional.empty();
    private boolean lastSent;

    /** What happens to output that finds no space. */
    enum WhenFull {
        DROP_OLDEST,
        WAIT
    }

    /** @param most bytes to hold */
    OutputBuffer(int most, WhenFull whenFull) {
        ring = new byte[most];
        this.whenFull = whenFull;
    }

    /** Waits only if it is to wait for space, of which there is enough for these bytes, and not after the end. */
    void put(byte[] bytes, int length) throws InterruptedException {
        lock.lock();
        try {
            while (whenFull == WhenFull.WAIT && held + length > ring.length && last.isEmpty()) {
                changed.await();
            }
            if (whenFull == WhenFull.WAIT && held + length > ring.length) {
                return;
            }
            int fits = Math.min(length, ring.length);
            int excess = Math.max(0, held + fits - ring.length);
            drop(excess);
            dropped += excess + length - fits;
            int end = (begin + held) % ring.length;
            int first = Math.min(fits, ring.length - end);
            System.arraycopy(bytes, length - fits, ring, end, first);
            System.arraycopy(bytes, length - fits + first, ring, 0, fits - first);
            held += fits;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Sets the last frame, sent after the held output. Only the first call counts. */
    void end(Frame frame) {
        lock.lock();
        try {
            if (last.isEmpty()) {
                last = Optional.of(frame);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the next frame to send; empty after the last one. */
    Optional<Frame> next() throws InterruptedException {
        lock.lock();
        try {
            while (held == 0 && last.isEmpty()) {
                changed.await();
            }
            if (dropped > 0) {
                String note = "\r\n[" + dropped + " bytes were dropped: the client reads too slowly]\r\n";
                dropped = 0;
                return Optional.of(new Frame.Output(note.getBytes(US_ASCII)));
            }
            if (held > 0) {
                byte[] next = take(Math.min(held, Frames.LONGEST));
                changed.signalAll();
                return Optional.of(new Frame.Output(next));
            }
            Optional<Frame> end = lastSent ? Optional.empty() : last;
            lastSent = true;
            return end;
        } finally {
            lock.unlock();
        }
    }

    private byte[] take(int length) {
        byte[] bytes = new byte[length];
        int first = Math.min(length, ring.length - begin);
        System.arraycopy(ring, begin, bytes, 0, first);
        System.arraycopy(ring, 0, bytes, first, length - first);
        drop(length);
        return bytes;
    }

    private void drop(int length) {
        begin = (begin + length) % ring.length;
        held -= length;
    }
}
