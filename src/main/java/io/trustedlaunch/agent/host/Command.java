package io.trustedlaunch.agent.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A program to run to its end: no shell, nothing of our environment, a limit on its time and on what it may say.
 *
 * @param input what it reads on standard input, the one way for a secret to reach it
 * @param unwanted whether nobody waits for its end any more, so that it is killed before its time
 */
public record Command(List<String> arguments, byte[] input, Duration timeout, BooleanSupplier unwanted) {
    private static final int MAXIMUM_OUTPUT = 64 * 1024;
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);
    private static final Duration BETWEEN_GLANCES = Duration.ofMillis(200);

    public Command {
        arguments = List.copyOf(arguments);
    }

    public Command(List<String> arguments, byte[] input, Duration timeout) {
        this(arguments, input, timeout, () -> false);
    }

    public static Command of(Duration timeout, String... arguments) {
        return new Command(List.of(arguments), new byte[0], timeout);
    }

    public Command withInput(byte[] bytes) {
        return new Command(arguments, bytes, timeout, unwanted);
    }

    public Command until(BooleanSupplier givenUp) {
        return new Command(arguments, input, timeout, givenUp);
    }

    /**
     * How a program ended and what it said, standard output and error together.
     *
     * @param timedOut it was killed, because its time was over or nobody wanted it any more
     */
    public record Result(int exitCode, boolean timedOut, String output) {
        public boolean succeeded() {
            return exitCode == 0 && !timedOut;
        }

        /** The end of what it said, fit for a message: the last lines name the cause. */
        public String lastWords() {
            String text = output.strip();
            return text.length() <= 400 ? text : "…" + text.substring(text.length() - 400);
        }
    }

    /** Runs it. Throws {@link UncheckedIOException} only where it cannot be started at all. */
    public Result run() {
        try {
            return await(start(arguments));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + arguments.getFirst() + ": " + e.getMessage(), e);
        }
    }

    /** Starts a program that is to be talked to, with the same bare environment; the caller ends it. */
    public static Process start(List<String> arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(arguments).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        environment.put("LC_ALL", "C");
        return builder.start();
    }

    private Result await(Process process) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        Thread listener = Thread.ofVirtual().start(() -> listen(process.getInputStream(), said));
        Thread speaker = Thread.ofVirtual().start(() -> speak(process.getOutputStream(), input));
        boolean ended = ends(process);
        if (!ended) {
            kill(process);
        }
        // A grandchild may hold the pipe open for longer than the program itself lives.
        join(listener);
        join(speaker);
        synchronized (said) {
            return new Result(ended ? process.exitValue() : -1, !ended, said.toString(StandardCharsets.UTF_8));
        }
    }

    private boolean ends(Process process) {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            for (long left = timeout.toNanos();
                    left > 0 && !unwanted.getAsBoolean();
                    left = deadline - System.nanoTime()) {
                if (process.waitFor(Math.min(left, BETWEEN_GLANCES.toNanos()), TimeUnit.NANOSECONDS)) {
                    return true;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static void join(Thread thread) {
        try {
            thread.join(LAST_WORDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void listen(InputStream from, ByteArrayOutputStream into) {
        byte[] chunk = new byte[4096];
        try (from) {
            for (int read = from.read(chunk); read >= 0; read = from.read(chunk)) {
                synchronized (into) {
                    into.write(chunk, 0, Math.min(read, MAXIMUM_OUTPUT - into.size()));
                }
            }
        } catch (IOException e) {
            // The program is gone; what it said until then is what there is.
        }
    }

    private static void speak(OutputStream to, byte[] bytes) {
        try (to) {
            to.write(bytes);
        } catch (IOException e) {
            // It ended without reading; its exit code tells the rest.
        }
    }
}
