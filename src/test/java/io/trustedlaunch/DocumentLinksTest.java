package io.trustedlaunch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.contentOf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A fact stands in one document, so the links to it must hold. */
class DocumentLinksTest {
    private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]*)(?:#([^)\\s]+))?\\)");

    @Test
    void everyLinkOfADocumentLeadsSomewhere() throws IOException {
        for (Path document : documents()) {
            assertThat(LINK.matcher(contentOf(document.toFile())).results().filter(link -> !leads(document, link)))
                    .extracting(MatchResult::group)
                    .as("links of %s that lead nowhere", document)
                    .isEmpty();
        }
    }

    private static boolean leads(Path document, MatchResult link) {
        String target = link.group(1);
        if (target.contains(":")) {
            return true;
        }
        Path file = target.isEmpty() ? document : document.resolveSibling(target);
        return Files.exists(file) && (link.group(2) == null || anchors(file).anyMatch(link.group(2)::equals));
    }

    /** As GitHub names headings. */
    private static Stream<String> anchors(Path document) {
        return contentOf(document.toFile())
                .lines()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{Alnum} _-]", "")
                        .replace(' ', '-'));
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
