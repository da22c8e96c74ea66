package io.trustedlaunch.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.bench.StepTimes.Step;
import io.trustedlaunch.bench.StepTimes.Window;
import io.trustedlaunch.testkit.AuditLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepTimesTest {
    private static final Instant BEGIN = Instant.parse("2026-03-01T10:00:00Z");

    @TempDir
    private Path folder;

    @Test
    void aStepIsTheMedianOfTheWindowsThatHaveIt() {
        List<Step> steps = StepTimes.steps(
                List.of(
                        passed(20, "b"),
                        passed(10, "a"),
                        passed(1_030, "b"),
                        passed(1_012, "a"),
                        passed(2_014, "a"),
                        passed(2_040, "b")),
                List.of(window(0), window(1_000), window(2_000)));
        assertThat(steps).containsExactly(new Step("host-a a", 12), new Step("host-a b", 30));
    }

    @Test
    void whatIsPassedTwiceIsTwoSteps() {
        assertThat(StepTimes.steps(List.of(passed(5, "a"), passed(9, "a")), List.of(window(0))))
                .containsExactly(new Step("host-a a", 5), new Step("host-a a 2", 9));
    }

    @Test
    void whatFewWindowsHaveOrNoneIsLeftOut() {
        assertThat(StepTimes.steps(
                        List.of(passed(5, "rare"), passed(700, "between")),
                        List.of(window(0), window(1_000), window(2_000))))
                .isEmpty();
    }

    @Test
    void theLogsOfAllProcessesAreRead() throws IOException {
        Path operator = Files.writeString(folder.resolve("operator.log"), """
                2026-03-01T10:00:00.010Z DEBUG Failpoints: operator.epoch-reserved
                2026-03-01T10:00:00.015Z DEBUG VmPass: a/b: Release
                """);
        Path agent = Files.writeString(
                folder.resolve("agent.log"), "2026-03-01T10:00:00.040Z DEBUG Failpoints: agent.ek-probed\n");
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        Path audit = Files.writeString(folder.resolve("audit.log"), """
                {"stage": "ResponseComplete", "stageTimestamp": "2026-03-01T10:00:00.020000Z", "verb": "update", \
                "user": {"username": "system:serviceaccount:a:trusted-launch-operator"}, \
                "objectRef": {"resource": "leases"}}
                """);
        new StepTimes(Map.of("operator", operator, "host-a", agent), new AuditLog(audit))
                .print("a start", List.of(window(0)), new PrintStream(printed, true, StandardCharsets.UTF_8));
        assertThat(printed.toString(StandardCharsets.UTF_8).lines().map(line -> line.replaceAll("\\s+", " ")))
                .containsExactly(
                        "",
                        "Where the time of a start goes, medians of 1, in milliseconds",
                        "operator operator.epoch-reserved 10 10 ██████",
                        "operator update leases 10 20 ██████",
                        "host-a agent.ek-probed 20 40 ████████████",
                        "end 60 100 ████████████████████████████████████",
                        "");
    }

    private static StepTimes.Passed passed(long milliseconds, String point) {
        return new StepTimes.Passed("host-a", BEGIN.plusMillis(milliseconds), point);
    }

    private static Window window(long begin) {
        return new Window(BEGIN.plusMillis(begin), BEGIN.plusMillis(begin + 100));
    }
}
