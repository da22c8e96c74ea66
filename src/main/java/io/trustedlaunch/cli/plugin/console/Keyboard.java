package io.trustedlaunch.cli.plugin.console;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/**
 * What the user types, on its way to a guest. Control and ] together leave. What is typed while there is no guest to take
 * it waits for one, but for what is too much.
 */
final class Keyboard {
    private static final int LEAVE = 0x1d;
    private static final int MOST_AT_ONCE = 1024;
    private static final int MOST_AHEAD = 4096;

    private final InputStream keys;
    private final ByteArrayOutputStream ahead = new ByteArrayOutputStream();
    private Optional<OutputStream> guest = Optional.empty();
    private boolean left;

    Keyboard(InputStream keys) {
        this.keys = keys;
    }

    void start(Runnable whenLeft) {
        Thread.ofPlatform().daemon().name("keyboard").start(() -> {
            read();
            whenLeft.run();
        });
    }

    /** From now on what is typed goes there. */
    synchronized void typeTo(OutputStream stream) {
        guest = Optional.of(stream);
        byte[] typed = ahead.toByteArray();
        ahead.reset();
        type(typed, typed.length);
    }

    synchronized void typeToNobody() {
        guest = Optional.empty();
    }

    /** By its keys, or since there are no more of any. */
    synchronized boolean hasLeft() {
        return left;
    }

    private void read() {
        byte[] bytes = new byte[MOST_AT_ONCE];
        try {
            for (int length = keys.read(bytes); length >= 0; length = keys.read(bytes)) {
                int end = leaveIn(bytes, length);
                type(bytes, end < 0 ? length : end);
                if (end >= 0) {
                    break;
                }
            }
        } catch (IOException e) {
            // A terminal that is gone types nothing more.
        }
        synchronized (this) {
            left = true;
        }
    }

    private static int leaveIn(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] == LEAVE) {
                return i;
            }
        }
        return -1;
    }

    private synchronized void type(byte[] bytes, int length) {
        if (guest.isEmpty()) {
            ahead.write(bytes, 0, Math.min(length, MOST_AHEAD - ahead.size()));
            return;
        }
        try {
            guest.get().write(bytes, 0, length);
            guest.get().flush();
        } catch (IOException e) {
            // Whoever listens to that guest finds out, and knows more.
            guest = Optional.empty();
        }
    }
}
