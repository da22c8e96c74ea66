package io.trustedlaunch.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Runs programs of this machine and of the repository, in whose top folder tests run.
 *
 * @param environment besides the one of the test
 */
public record Program(Map<String, String> environment) {
    /**
     * @param output what it wrote to standard output
     * @param messages what it wrote to standard error
     */
    public record Outcome(int code, String output, String messages) {}

    public static Program plain() {
        return new Program(Map.of());
    }

    /** Returns its standard output; throws with all that it wrote if it fails. */
    public String run(String... command) throws IOException, InterruptedException {
        Outcome outcome = outcome(command);
        if (outcome.code() != 0) {
            throw new AssertionError(String.join(" ", command) + " ended with code " + outcome.code() + ":\n"
                    + outcome.output() + outcome.messages());
        }
        return outcome.output();
    }

    public Outcome outcome(String... command) throws IOException, InterruptedException {
        Path messages = Files.createTempFile("program", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(messages.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            return new Outcome(process.waitFor(), output, Files.readString(messages));
        } finally {
            Files.delete(messages);
        }
    }
}
