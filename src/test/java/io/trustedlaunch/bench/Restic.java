package io.trustedlaunch.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** restic with a repository in a folder, which is on this machine. */
record Restic(Path repository, Path cache, Path log) {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    void init() throws IOException, InterruptedException {
        run("init");
    }

    void backUp(Path file, Instant time) throws IOException, InterruptedException {
        run("backup", "--host", "bench", "--time", TIME.format(time), file.toString());
    }

    void keep(int last, int weekly, int monthly) throws IOException, InterruptedException {
        run(
                "forget",
                "--prune",
                "--keep-last",
                Integer.toString(last),
                "--keep-weekly",
                Integer.toString(weekly),
                "--keep-monthly",
                Integer.toString(monthly));
    }

    private void run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("restic", "--quiet"));
        command.addAll(List.of(arguments));
        ProcessBuilder restic = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        // Of a day and of a week it thinks as the schedule does.
        restic.environment()
                .putAll(Map.of(
                        "RESTIC_REPOSITORY",
                        repository.toString(),
                        "RESTIC_CACHE_DIR",
                        cache.toString(),
                        "RESTIC_PASSWORD",
                        "bench",
                        "TZ",
                        "UTC"));
        int code = restic.start().waitFor();
        if (code != 0) {
            throw new IllegalStateException(
                    "restic " + arguments[0] + " ended with exit code " + code + ": see " + log);
        }
    }
}
