package io.trustedlaunch.process;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A program run to its end: without a shell or this process's environment, with limits on its time and output.
 *
 * @param input its standard input, the only way to pass it a secret
 * @param inputFile what it has as its standard input instead, open for this process
 * @param outputFile what it has as its standard output instead, open for this process; it exists, and nothing of it is lost
 * @param environment all that it has besides its PATH and its locale
 */
@RecordBuilder
public record Command(
        List<String> arguments,
        byte[] input,
        Optional<Path> inputFile,
        Optional<Path> outputFile,
        Map<String, String> environment,
        Duration timeout) {
    /** Where programs are looked for. */
    public static final List<String> PATH =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

    private static final int MAXIMUM_OUTPUT = 64 * 1024;
    private static final Duration OUTPUT_TIMEOUT = Duration.ofSeconds(1);

    public Command {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }

    public Command(List<String> arguments, byte[] input, Duration timeout) {
        this(arguments, input, Optional.empty(), Optional.empty(), Map.of(), timeout);
    }

    public static Command of(Duration timeout, String... arguments) {
        return new Command(List.of(arguments), new byte[0], timeout);
    }

    public Command withInput(byte[] bytes) {
        return CommandBuilder.builder(this)
                .input(bytes)
                .inputFile(Optional.empty())
                .build();
    }

    public Command withInput(Path file) {
        return CommandBuilder.builder(this)
                .input(new byte[0])
                .inputFile(Optional.of(file))
                .build();
    }

    /** Its messages are then its standard error alone. */
    public Command withOutput(Path file) {
        return CommandBuilder.builder(this).outputFile(Optional.of(file)).build();
    }

    public Command withEnvironment(Map<String, String> variables) {
        return CommandBuilder.builder(this).environment(variables).build();
    }

    /**
     * How a program ended, and its standard output and error together.
     *
     * @param timedOut it was killed, because its time was over
     */
    public record Result(int exitCode, boolean timedOut, String output) {
        public boolean succeeded() {
            return exitCode == 0 && !timedOut;
        }

        /** The end of the output, for a message: the last lines name the cause. */
        public String outputTail() {
            String text = output.strip();
            return text.length() <= 400 ? text : "…" + text.substring(text.length() - 400);
        }
    }

    /**
     * Starts the program, with its input if that is a file; its output is to be read, or is lost. The caller ends it, since its
     * time has no limit.
     */
    public Process start() throws IOException {
        return prepared().start();
    }

    private ProcessBuilder prepared() {
        ProcessBuilder builder = builder(arguments);
        builder.environment().putAll(environment);
        inputFile.ifPresent(file -> builder.redirectInput(file.toFile()));
        outputFile.ifPresent(
                file -> builder.redirectErrorStream(false).redirectOutput(Redirect.appendTo(file.toFile())));
        return builder;
    }

    /** Runs the program. Throws {@link UncheckedIOException} only if it cannot be started. */
    public Result run() {
        try {
            return await(start());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + arguments.getFirst() + ": " + e.getMessage(), e);
        }
    }

    /** Starts an interactive program with the same minimal environment; the caller ends it. */
    public static Process start(List<String> arguments) throws IOException {
        return builder(arguments).start();
    }

    private static ProcessBuilder builder(List<String> arguments) {
        ProcessBuilder builder = new ProcessBuilder(arguments).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", String.join(":", PATH));
        environment.put("LC_ALL", "C");
        return builder;
    }

    private Result await(Process process) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        InputStream messages = outputFile.isEmpty() ? process.getInputStream() : process.getErrorStream();
        Thread reader = Thread.ofVirtual().start(() -> read(messages, output));
        Thread writer = Thread.ofVirtual().start(() -> write(process.getOutputStream(), input));
        boolean ended = ends(process);
        if (!ended) {
            kill(process);
        }
        // A grandchild may hold the pipe open after the program has ended.
        join(reader);
        join(writer);
        synchronized (output) {
            return new Result(ended ? process.exitValue() : -1, !ended, output.toString(StandardCharsets.UTF_8));
        }
    }

    private boolean ends(Process process) {
        try {
            return process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static void join(Thread thread) {
        try {
            thread.join(OUTPUT_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void read(InputStream from, ByteArrayOutputStream into) {
        byte[] chunk = new byte[4096];
        try (from) {
            for (int read = from.read(chunk); read >= 0; read = from.read(chunk)) {
                synchronized (into) {
                    into.write(chunk, 0, Math.min(read, MAXIMUM_OUTPUT - into.size()));
                }
            }
        } catch (IOException e) {
            // The program is gone; the output until then is kept.
        }
    }

    private static void write(OutputStream to, byte[] bytes) {
        try (to) {
            to.write(bytes);
        } catch (IOException e) {
            // The program ended without reading; its exit code says why.
        }
    }
}
