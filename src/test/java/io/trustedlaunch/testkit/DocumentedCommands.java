package io.trustedlaunch.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Runs the blocks of commands in a document as they stand there.
 *
 * @param folder for their output, and first in their PATH
 */
public record DocumentedCommands(Path folder) {
    private static final Pattern BLOCK = Pattern.compile("^```sh\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

    public record Result(int exitCode, String output) {}

    /** @param count as it is expected, so that no block is added unnoticed */
    public static List<String> blocks(Path document, int count) throws IOException {
        List<String> blocks = BLOCK.matcher(Files.readString(document))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
        assertThat(blocks).as("blocks of commands").hasSize(count);
        return blocks;
    }

    /** A text with its one occurrence of another replaced. */
    public static String replaced(String text, String what, String with) {
        assertThat(text).containsOnlyOnce(what);
        return text.replace(what, with);
    }

    public Result bash(String script) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        ProcessBuilder bash = new ProcessBuilder("bash", "-e", "-u", "-o", "pipefail", "-c", script)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        bash.environment().merge("PATH", folder.toString(), (path, first) -> first + ":" + path);
        Process process = bash.start();
        process.getOutputStream().close();
        boolean ended = process.waitFor(1, TimeUnit.MINUTES);
        process.destroyForcibly();
        assertThat(ended).as("the commands end").isTrue();
        return new Result(process.exitValue(), Files.readString(output, UTF_8));
    }
}
