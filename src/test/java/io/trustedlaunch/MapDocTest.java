package io.trustedlaunch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.contentOf;

import com.tngtech.archunit.lang.ArchRule;
import io.trustedlaunch.testkit.Golden;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The map of the packages: each one's own words, and the rules that {@link ArchitectureTest} checks. */
class MapDocTest {
    private static final Path ROOT = Path.of("src/main/java/io/trustedlaunch");
    private static final Pattern JAVADOC = Pattern.compile("/\\*\\*(.*?)\\*/\\s*package ", Pattern.DOTALL);

    @Test
    void theCommittedMapIsTheGeneratedOne() throws IOException {
        Golden.check(Path.of("docs/map.md"), document());
    }

    @Test
    void everyPackageSaysWhatItHolds() throws IOException {
        for (Path folder : packages()) {
            assertThat(purpose(folder))
                    .as("the first paragraph of the Javadoc in %s/package-info.java", folder)
                    .endsWith(".")
                    .doesNotContain("|", "{@");
        }
    }

    private static String document() throws IOException {
        return """
                # Map of the packages

                Generated from the `package-info.java` of each package and the rules of `ArchitectureTest` by `bin/generate`:
                change it there. [architecture.md](architecture.md) describes how the parts work together.

                | package of `io.trustedlaunch` | what it holds |
                |---|---|
                %s
                ## Walls

                [`ArchitectureTest`](../src/test/java/io/trustedlaunch/ArchitectureTest.java) fails if code breaks one of these
                rules.

                | rule | because |
                |---|---|
                %s""".formatted(
                        packages().stream().map(MapDocTest::row).collect(Collectors.joining()),
                        Arrays.stream(ArchitectureTest.class.getDeclaredFields())
                                .filter(field -> ArchRule.class.isAssignableFrom(field.getType()))
                                .map(rule -> "| `%s` | %s |\n".formatted(rule.getName(), reason(rule)))
                                .collect(Collectors.joining()));
    }

    private static String row(Path folder) {
        return "| [`%s`](../%s) | %s |\n"
                .formatted(ROOT.relativize(folder).toString().replace('/', '.'), folder, purpose(folder));
    }

    /** The first paragraph, without a last sentence that only leads to a diagram. */
    private static String purpose(Path folder) {
        Path file = folder.resolve("package-info.java");
        assertThat(file).exists();
        Matcher javadoc = JAVADOC.matcher(contentOf(file.toFile()));
        assertThat(javadoc.find()).as("%s has Javadoc", file).isTrue();
        return javadoc.group(1)
                .replaceAll("(?m)^ *\\* ?", "")
                .strip()
                .split("\n\\s*\n|<p>|<pre>", 2)[0]
                .replaceAll("\\s+", " ")
                .strip()
                .replaceAll("\\{@link(?:plain)? [^\\s}]+ ([^}]+)}", "$1")
                .replaceAll("\\{@(?:code|link) (?:io\\.trustedlaunch\\.)?([^}]+)}", "`$1`")
                .replaceAll("`?docs/([\\w-]+\\.md)`?", "[$1]($1)")
                .replaceAll("(?<=\\.) [^.]*:$", "");
    }

    private static String reason(Field rule) {
        try {
            return ((ArchRule) rule.get(null)).getDescription().replaceFirst("(?s).*, because ", "");
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Path> packages() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .filter(folder -> !folder.equals(ROOT))
                    .distinct()
                    .sorted()
                    .toList();
        }
    }
}
