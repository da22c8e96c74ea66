package io.trustedlaunch.metrics;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.testkit.Golden;
import io.trustedlaunch.testkit.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Alerts and dashboards ask for what is served, each alert has somebody who can do something, and Prometheus' own tool judges them. */
class AlertsTest {
    private static final Path CHART = Path.of("helm/trusted-launch-operator/files");
    private static final Path TESTS = Path.of("src/test/alerts/tests.yaml");
    private static final Pattern METRIC =
            Pattern.compile("\\b((?:trusted_launch|operator_sdk|jvm)_[a-z_]+)(\\{[^}]*})?");
    private static final Pattern MATCHER = Pattern.compile("([a-z_]+)(?:=~|!~|!=|=)\"([^\"]*)\"");
    private static final Pattern GROUPED = Pattern.compile("\\b(?:by|on) \\(([a-z_, ]*)\\)");
    private static final Pattern ROW = Pattern.compile("\\| `([a-z_]+)` \\| [a-z]+ \\| ([^|]*)\\|.*");
    /** What Prometheus adds to each series, and a histogram to its buckets. */
    private static final Set<String> OF_PROMETHEUS = Set.of("pod", "instance", "le", "area");

    record Alert(String name, String expression, String pending, String severity, Map<String, String> texts) {
        @Override
        public String toString() {
            return name;
        }

        private static Alert of(JsonNode rule) {
            Map<String, String> texts = new TreeMap<>();
            rule.path("annotations")
                    .properties()
                    .forEach(text -> texts.put(text.getKey(), text.getValue().asText()));
            return new Alert(
                    rule.path("alert").asText(),
                    rule.path("expr").asText(),
                    rule.path("for").asText(),
                    rule.at("/labels/severity").asText(),
                    texts);
        }

        private List<Reason> reasons() {
            return values(expression, "reason").map(Reason::valueOf).toList();
        }
    }

    static List<Alert> alerts() throws IOException {
        return all(YAMLMapper.builder()
                        .build()
                        .readTree(Files.readString(CHART.resolve("alerts.yaml")))
                        .path("groups"))
                .flatMap(group -> all(group.path("rules")))
                .map(Alert::of)
                .toList();
    }

    @Test
    void theCommittedRunbookIsTheGeneratedOne() throws IOException {
        Golden.check(Path.of("docs/alerts.md"), document(alerts()));
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void anAlertSaysWhatItIsAndWhatToDo(Alert alert) {
        assertThat(alert.name()).matches("TrustedLaunch[A-Z][A-Za-z]+");
        assertThat(alert.severity()).isIn("critical", "warning", "info");
        assertThat(alert.texts()).containsOnlyKeys("summary", "description", "remedy");
        assertThat(alert.texts().get("description")).endsWith(".");
        assertThat(alert.texts().get("remedy")).endsWith(".");
        assertThat(alert.texts().get("summary")).doesNotEndWith(".");
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void anAlertAsksForWhatIsServed(Alert alert) throws IOException {
        assertServed(alert.expression());
    }

    /** A name that is misspelled would be silent for ever. */
    @ParameterizedTest
    @MethodSource("alerts")
    void anAlertNamesConditionsAndReasonsThatExist(Alert alert) {
        assertThat(alert.reasons()).doesNotContainNull();
        assertThat(values(alert.expression(), "condition").map(ConditionType::valueOf))
                .doesNotContainNull();
    }

    @Test
    void theReasonsOfTheTestsExist() throws IOException {
        assertThat(values(Files.readString(TESTS), "reason").map(Reason::valueOf))
                .isNotEmpty();
    }

    @Test
    void promtoolSeesEachAlertFireAndBeSilent() throws Exception {
        JsonNode tests = new YAMLMapper().readTree(Files.readString(TESTS)).path("tests");
        Set<String> tested = all(tests).map(test -> test.path("name").asText()).collect(toSet());
        assertThat(tested)
                .containsAll(alerts().stream()
                        .flatMap(alert -> Stream.of(alert + " fires", alert + " is silent"))
                        .toList());
        assertThat(Program.plain().run("promtool", "test", "rules", TESTS.toString()))
                .contains("SUCCESS");
    }

    @Test
    void dashboardsAskForWhatIsServed(@TempDir Path folder) throws Exception {
        List<String> expressions = new ArrayList<>();
        try (Stream<Path> dashboards = Files.list(CHART.resolve("dashboards"))) {
            for (Path dashboard : dashboards.toList()) {
                expressions.addAll(new ObjectMapper()
                        .readTree(dashboard.toFile()).findValues("expr").stream()
                                .map(JsonNode::asText)
                                .toList());
            }
        }
        assertThat(expressions).hasSizeGreaterThan(20);
        for (String expression : expressions) {
            assertServed(expression);
        }
        List<Map<String, String>> rules = new ArrayList<>();
        for (String expression : expressions) {
            rules.add(Map.of("record", "panel:" + rules.size(), "expr", expression));
        }
        Path file = folder.resolve("panels.yaml");
        new YAMLMapper().writeValue(file.toFile(), Map.of("groups", List.of(Map.of("name", "panels", "rules", rules))));
        assertThat(Program.plain().run("promtool", "check", "rules", file.toString()))
                .contains("SUCCESS");
    }

    private static void assertServed(String expression) throws IOException {
        Map<String, Set<String>> served = served();
        Set<String> labels = new TreeSet<>(OF_PROMETHEUS);
        for (MatchResult metric : METRIC.matcher(expression).results().toList()) {
            String name = metric.group(1).replaceFirst("_(bucket|sum|count)$", "");
            if (name.startsWith("jvm_")) {
                continue;
            }
            assertThat(served).as("metrics of docs/metrics.md").containsKey(name);
            labels.addAll(served.get(name));
            assertThat(labelsOf(metric.group(2) == null ? "" : metric.group(2)))
                    .as("labels of %s", name)
                    .isSubsetOf(served.get(name));
        }
        GROUPED.matcher(expression)
                .results()
                .forEach(grouped -> assertThat(labels)
                        .as("labels of %s", expression)
                        .containsAll(Arrays.stream(grouped.group(1).split(","))
                                .map(String::strip)
                                .toList()));
    }

    /** {@link MetricsDocTest} makes the document from what is served. */
    private static Map<String, Set<String>> served() throws IOException {
        Map<String, Set<String>> served = new TreeMap<>();
        Files.readString(Path.of("docs/metrics.md")).lines().forEach(line -> {
            var row = ROW.matcher(line);
            if (row.matches()) {
                Set<String> labels = served.computeIfAbsent(row.group(1), name -> new TreeSet<>());
                Pattern.compile("`([a-z_]+)`")
                        .matcher(row.group(2))
                        .results()
                        .forEach(label -> labels.add(label.group(1)));
            }
        });
        return served;
    }

    private static Set<String> labelsOf(String matchers) {
        return MATCHER.matcher(matchers)
                .results()
                .map(matcher -> matcher.group(1))
                .collect(toSet());
    }

    /** The values that an expression compares a label with. */
    private static Stream<String> values(String expression, String label) {
        return MATCHER.matcher(expression)
                .results()
                .filter(matcher -> matcher.group(1).equals(label))
                .flatMap(matcher -> Arrays.stream(matcher.group(2).split("\\|")))
                .filter(value -> !value.isEmpty());
    }

    private static Stream<JsonNode> all(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static String document(List<Alert> alerts) {
        return """
                # Alerts

                Generated from the chart's `files/alerts.yaml` and from `Reason` by `bin/generate`: change them there.

                The value `prometheusRule.enabled` of the chart creates these alerts for the Prometheus Operator, and
                `dashboards.enabled` a dashboard for Grafana. Without the Prometheus Operator, give Prometheus that file as it is
                (`rule_files`). Alerts about guests and hosts need the [metrics of the agents](metrics.md#who-may-read-them), all
                others those of the operator. With the value `prometheusRule.runbookURL` each alert links to its section here.
                `critical`: somebody should look now; `warning`: today; `info`: when there is time.

                | alert | severity | for |
                |---|---|---|
                """
                + alerts.stream()
                        .map(alert -> "| [%s](#%s) | %s | %s |\n"
                                .formatted(
                                        alert,
                                        alert.name().toLowerCase(Locale.ROOT),
                                        alert.severity(),
                                        alert.pending()))
                        .collect(joining())
                + alerts.stream().map(AlertsTest::section).collect(joining());
    }

    private static String section(Alert alert) {
        Map<String, String> texts = alert.texts();
        return """

                ## %s

                *%s.* %s

                **What to do:** %s

                ```
                %s
                ```
                """.formatted(
                                alert,
                                inWords(texts.get("summary")),
                                texts.get("description"),
                                inWords(texts.get("remedy")).replaceAll("docs/([a-z-]+\\.md)", "[$1]($1)"),
                                alert.expression())
                + reasons(alert);
    }

    private static String reasons(Alert alert) {
        List<Reason> reasons = alert.expression().contains("reason!~") ? List.of() : alert.reasons();
        return reasons.stream()
                .map(reason -> "\n`%s`: %s.\n".formatted(reason, reason.appearsWhen()))
                .collect(joining());
    }

    /** Templates, as somebody reads them who has no alert before him. */
    private static String inWords(String text) {
        return text.replaceAll("\\{\\{ \\$value \\| humanizeDuration }}", "some time")
                .replaceAll("\\{\\{ \\$value }}", "N")
                .replaceAll("\\{\\{ \\$labels\\.([a-z_]+) }}", "‹$1›");
    }
}
