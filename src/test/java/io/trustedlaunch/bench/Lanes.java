package io.trustedlaunch.bench;

import io.trustedlaunch.bench.Figure.Pair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs commands and test classes that measure something and print it. */
record Lanes(Path logs) {
    private static final String LANE = "io.trustedlaunch.testkit.Lane";

    /** Returns what a test class printed, with these system properties. */
    List<String> test(String name, Map<String, String> properties, String... laneArguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-ea"));
        properties.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                LANE,
                "--reports",
                logs.resolve("reports").toString()));
        command.addAll(Arrays.asList(laneArguments));
        command.add(name);
        return command(name.substring(name.lastIndexOf('.') + 1), command);
    }

    /** Returns what a script of this project printed. */
    List<String> script(String name, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("bash", Path.of("bin", "lib", name + ".sh").toString()));
        command.addAll(Arrays.asList(arguments));
        return command(name, command);
    }

    /** The two numbers in the lines that match. */
    static List<Pair> pairs(List<String> printed, Pattern pattern) {
        return printed.stream()
                .map(line -> pattern.matcher(line.strip()))
                .filter(Matcher::matches)
                .map(line -> new Pair(Double.parseDouble(line.group(1)), Double.parseDouble(line.group(2))))
                .toList();
    }

    /** Returns what it printed. */
    List<String> command(String name, List<String> command) throws IOException, InterruptedException {
        Path log = logs.resolve(name + ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(log.toFile())
                .start();
        int code = process.waitFor();
        if (code != 0) {
            throw new IllegalStateException(name + " ended with exit code " + code + ": see " + log);
        }
        return Files.readAllLines(log);
    }
}
