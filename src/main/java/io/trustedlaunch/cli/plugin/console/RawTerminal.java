package io.trustedlaunch.cli.plugin.console;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The terminal in raw mode: every key goes through at once and as it is, and nothing is echoed but by the guest. Closed,
 * it is as it was; also where the process is ended.
 */
final class RawTerminal implements AutoCloseable {
    private static final File TERMINAL = new File("/dev/tty");

    private final String before;
    private final Thread atTheEnd = new Thread(this::restore);

    private RawTerminal(String before) {
        this.before = before;
    }

    /** Java cannot tell; the launcher can. */
    static boolean isOnStandardInput() {
        return Boolean.getBoolean("trustedlaunch.keyboard");
    }

    static RawTerminal enter() {
        RawTerminal terminal = new RawTerminal(stty("-g").strip());
        Runtime.getRuntime().addShutdownHook(terminal.atTheEnd);
        stty("raw", "-echo");
        return terminal;
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atTheEnd);
        restore();
    }

    private void restore() {
        stty(before);
    }

    /** POSIX has it, and Linux and macOS understand the same of it. */
    private static String stty(String... arguments) {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(TERMINAL)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            process.waitFor();
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException("the terminal cannot be changed: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
