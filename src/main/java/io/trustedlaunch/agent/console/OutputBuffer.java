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
 * What is still to be said to a client. A guest is never made to wait for one that is slow, and cannot fill the agent's
 * memory: what is too much is left out, the oldest first; the console's log has it.
 */
final class OutputBuffer {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private final int most;
    private int held;
    private long leftOut;
    private Optional<Frame> last = Optional.empty();
    private boolean said;

    /** @param most bytes that are held */
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
                leftOut += oldest;
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** After what is held, this is the last that is said; the first that is called for counts. */
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

    /** Waits for the next to be said; empty: all was. */
    Optional<Frame> next() throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && last.isEmpty()) {
                changed.await();
            }
            if (leftOut > 0) {
                String note = "\r\n[" + leftOut + " bytes were left out: the client is too slow]\r\n";
                leftOut = 0;
                return Optional.of(new Frame.Output(note.getBytes(US_ASCII)));
            }
            if (!waiting.isEmpty()) {
                return Optional.of(new Frame.Output(together()));
            }
            Optional<Frame> end = said ? Optional.empty() : last;
            said = true;
            return end;
        } finally {
            lock.unlock();
        }
    }

    /** As much as fits into a frame: guests write byte by byte. */
    private byte[] together() {
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
