package io.trustedlaunch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.contentOf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a document says of tests: a claim that no test checks any more shall not look as if one did. */
class SecurityDocTest {
    private static final Path TESTS = Path.of("src");
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT|E2E))(?:\\.(\\w+))?`");
    private static final Pattern FUZZER = Pattern.compile("`bin/fuzz(?: \\w+)?`");

    @Test
    void everyTestThatADocumentNamesExists() throws IOException {
        Map<String, Path> classes = testClasses();
        for (Path document : documents()) {
            assertThat(TEST.matcher(Files.readString(document)).results().filter(named -> !exists(named, classes)))
                    .extracting(MatchResult::group)
                    .as("tests in %s that do not exist", document)
                    .isEmpty();
        }
    }

    @Test
    void everyAttackInItsTablesNamesATest() throws IOException {
        List<String> attacks = Files.readString(Path.of("docs/security.md"))
                .lines()
                .dropWhile(line -> !line.equals("## What each cannot do"))
                .takeWhile(line -> !line.equals("## What is on record"))
                .filter(line -> line.startsWith("| ") && !line.endsWith(" test |"))
                .toList();

        assertThat(attacks).isNotEmpty();
        assertThat(attacks).filteredOn(attack -> !namesATest(attack)).isEmpty();
    }

    private static boolean exists(MatchResult named, Map<String, Path> classes) {
        String method = named.group(2);
        Path file = classes.get(named.group(1));
        return file != null && (method == null || contentOf(file.toFile()).contains("void " + method + "("));
    }

    private static boolean namesATest(String attack) {
        String last = Arrays.asList(attack.split(" \\| ")).getLast();
        return TEST.matcher(last).find() || FUZZER.matcher(last).find();
    }

    private static Map<String, Path> testClasses() throws IOException {
        Map<String, Path> classes = new HashMap<>();
        try (Stream<Path> files = Files.walk(TESTS)) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .forEach(file -> classes.put(file.getFileName().toString().replace(".java", ""), file));
        }
        return classes;
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> top = Files.list(Path.of("."));
                Stream<Path> docs = Files.walk(Path.of("docs"))) {
            return Stream.concat(top, docs)
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList();
        }
    }
}
