package io.trustedlaunch.cli.plugin.console;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The terminal in raw mode: each key is delivered at once and unchanged, and the terminal echoes nothing. Closing it, or
 * the end of the process, restores the previous mode; the keyboard must still be read then.
 */
final class RawTerminal implements AutoCloseable {
    private static final File TERMINAL = new File("/dev/tty");

    /**
     * The terminal answers the guest's last questions within this time. The answers are dropped; afterwards they would be typed
     * to the user's shell.
     */
    private static final Duration ANSWERS = Duration.ofMillis(300);

    private final String previousMode;
    private final Thread shutdownHook = new Thread(this::restore);

    private RawTerminal(String previousMode) {
        this.previousMode = previousMode;
    }

    static RawTerminal enter() {
        RawTerminal terminal = new RawTerminal(stty("-g").strip());
        Runtime.getRuntime().addShutdownHook(terminal.shutdownHook);
        stty("raw", "-echo");
        return terminal;
    }

    @Override
    public void close() throws InterruptedException {
        try {
            Thread.sleep(ANSWERS);
        } finally {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
            restore();
        }
    }

    private void restore() {
        stty(previousMode);
    }

    /** stty is in POSIX; Linux and macOS take the same arguments. */
    private static String stty(String... arguments) {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(TERMINAL)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            process.waitFor();
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot set the mode of the terminal: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
