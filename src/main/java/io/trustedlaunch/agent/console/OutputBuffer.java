package io.trustedlaunch.agent.console;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.trustedlaunch.console.Frame;
import io.trustedlaunch.console.Frames;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Frames waiting to be sent to a client. A slow client never blocks the guest, and the guest cannot fill the agent's
 * memory: excess output is dropped, the oldest first. The console's log keeps it.
 */
final class OutputBuffer {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private final int most;
    private int held;
    private long dropped;
    private Optional<Frame> last = Optional.empty();
    private boolean lastSent;

    /** @param most bytes to hold */
    OutputBuffer(int most) {
        this.most = most;
    }

    /** Never waits. */
    void put(byte[] bytes, int length) {
        lock.lock();
        try {
            waiting.add(Arrays.copyOf(bytes, length));
            held += length;
            while (held > most && waiting.size() > 1) {
                int oldest = waiting.remove().length;
                held -= oldest;
                dropped += oldest;
            }
            changed.signal();
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
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the next frame to send; empty after the last one. */
    Optional<Frame> next() throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && last.isEmpty()) {
                changed.await();
            }
            if (dropped > 0) {
                String note = "\r\n[" + dropped + " bytes were dropped: the client reads too slowly]\r\n";
                dropped = 0;
                return Optional.of(new Frame.Output(note.getBytes(US_ASCII)));
            }
            if (!waiting.isEmpty()) {
                return Optional.of(new Frame.Output(joined()));
            }
            Optional<Frame> end = lastSent ? Optional.empty() : last;
            lastSent = true;
            return end;
        } finally {
            lock.unlock();
        }
    }

    /** Fills a frame, because guests write byte by byte. */
    private byte[] joined() {
        byte[] bytes = waiting.remove();
        held -= bytes.length;
        while (!waiting.isEmpty() && bytes.length + waiting.peek().length <= Frames.LONGEST) {
            byte[] more = waiting.remove();
            held -= more.length;
            int length = bytes.length;
            bytes = Arrays.copyOf(bytes, length + more.length);
            System.arraycopy(more, 0, bytes, length, more.length);
        }
        return bytes;
    }
}
