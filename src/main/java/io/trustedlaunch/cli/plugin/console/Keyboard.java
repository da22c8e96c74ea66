package io.trustedlaunch.cli.plugin.console;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/**
 * Sends what the user types to a guest, until the user types Ctrl+]. While no guest is connected, input is kept for the
 * next one, up to a limit. What comes after Ctrl+] is read and dropped: a guest can make a terminal type, by asking it what it is.
 */
final class Keyboard {
    private static final int CONTROL_BRACKET = 0x1d;
    private static final int READ_SIZE = 1024;
    private static final int MAX_BUFFERED = 4096;

    private final InputStream keys;
    private final ByteArrayOutputStream buffered = new ByteArrayOutputStream();
    private Optional<OutputStream> guest = Optional.empty();
    private boolean closed;

    Keyboard(InputStream keys) {
        this.keys = keys;
    }

    /** @param onClose called after Ctrl+] or at the end of the input */
    void start(Runnable onClose) {
        Thread.ofPlatform().daemon().name("keyboard").start(() -> read(onClose));
    }

    /** Sends buffered and further input to a guest. */
    synchronized void connect(OutputStream stream) {
        guest = Optional.of(stream);
        byte[] typed = buffered.toByteArray();
        buffered.reset();
        type(typed, typed.length);
    }

    synchronized void disconnect() {
        guest = Optional.empty();
    }

    /** Whether the user has typed Ctrl+], or the input has ended. */
    synchronized boolean isClosed() {
        return closed;
    }

    private void read(Runnable onClose) {
        byte[] bytes = new byte[READ_SIZE];
        try {
            for (int length = keys.read(bytes); length >= 0; length = keys.read(bytes)) {
                if (isClosed()) {
                    continue;
                }
                int end = indexOfControlBracket(bytes, length);
                type(bytes, end < 0 ? length : end);
                if (end >= 0) {
                    close(onClose);
                }
            }
        } catch (IOException e) {
            // The terminal is gone: the input has ended.
        }
        close(onClose);
    }

    private void close(Runnable onClose) {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        onClose.run();
    }

    private static int indexOfControlBracket(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] == CONTROL_BRACKET) {
                return i;
            }
        }
        return -1;
    }

    private synchronized void type(byte[] bytes, int length) {
        if (guest.isEmpty()) {
            buffered.write(bytes, 0, Math.min(length, MAX_BUFFERED - buffered.size()));
            return;
        }
        try {
            guest.get().write(bytes, 0, length);
            guest.get().flush();
        } catch (IOException e) {
            // The thread that reads from this guest sees the failure too, and handles it.
            guest = Optional.empty();
        }
    }
}
