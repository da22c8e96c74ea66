package io.trustedlaunch.fencer.device;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A fence agent of the distribution, run once: with no arguments, since everybody on the machine reads those, and without
 * this process's environment, which could name a proxy. Its time and its output are limited.
 */
final class FenceProgram {
    private static final String PATH = "/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int LONGEST_OUTPUT = 16 * 1024;
    private static final Duration LAST_OUTPUT = Duration.ofSeconds(1);

    private FenceProgram() {}

    /** How it ended, and its standard output and error together. */
    record Ended(int exitCode, String output) {}

    /**
     * @param input its options
     * @return with exit code -1 if its time was over, and it was killed
     * @throws UncheckedIOException if it cannot be started
     */
    static Ended run(String program, String input, Map<String, String> environment, Duration timeout) {
        ProcessBuilder builder = new ProcessBuilder(program).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().put("PATH", PATH);
        builder.environment().put("LC_ALL", "C.UTF-8");
        try {
            return await(builder.start(), input, timeout);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + program + ": " + e.getMessage(), e);
        }
    }

    private static Ended await(Process process, String input, Duration timeout) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        Thread reader = Thread.ofVirtual().start(() -> read(process.getInputStream(), output));
        Thread writer = Thread.ofVirtual().start(() -> write(process.getOutputStream(), input));
        boolean ended = false;
        try {
            ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (ended) {
                reader.join(LAST_OUTPUT);
                writer.join(LAST_OUTPUT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            // ipmitool is a child of its agent.
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        synchronized (output) {
            return new Ended(ended ? process.exitValue() : -1, output.toString(UTF_8));
        }
    }

    private static void read(InputStream from, ByteArrayOutputStream into) {
        byte[] chunk = new byte[1024];
        try (from) {
            for (int read = from.read(chunk); read >= 0; read = from.read(chunk)) {
                synchronized (into) {
                    into.write(chunk, 0, Math.min(read, LONGEST_OUTPUT - into.size()));
                }
            }
        } catch (IOException e) {
            // It is gone; the output until then is kept.
        }
    }

    private static void write(OutputStream to, String input) {
        try (to) {
            to.write(input.getBytes(UTF_8));
        } catch (IOException e) {
            // It ended without reading; its exit code says why.
        }
    }
}
