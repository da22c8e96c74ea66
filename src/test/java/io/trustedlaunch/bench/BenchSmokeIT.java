package io.trustedlaunch.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The benchmark with small numbers; fails if a figure that does not depend on the machine is worse than it was. */
class BenchSmokeIT {
    private static final Path LOGS = Path.of("target", "bench-smoke").toAbsolutePath();

    @Test
    void nothingThatIsCountedIsMoreThanItWas() throws Exception {
        List<String> options = List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
        Report report = new Report(Instant.now(), options);
        try (Run run = new Run(Scale.SMOKE, options, LOGS)) {
            for (Row row : Bench.smoke()) {
                Report.Entry entry = Report.Entry.measure(row, run);
                Report.print(entry, System.out);
                report.add(entry);
            }
        }
        assertThat(report.regressions()).isEmpty();
    }
}
