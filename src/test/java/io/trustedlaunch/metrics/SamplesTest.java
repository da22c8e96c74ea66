package io.trustedlaunch.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SamplesTest {
    private static final Metric DISKS = Metric.gauge("disks", "Disks by kind", "kind", "node");
    private static final Metric READS = Metric.counter("reads_total", "Reads");

    @Test
    void valuesAreCountedSetOrTheGreatest() {
        assertThat(scrape(samples -> {
                    samples.set(READS, 5);
                    samples.count(DISKS, "ssd", "a");
                    samples.count(DISKS, "ssd", "a");
                    samples.max(DISKS, 3, "hdd", "b");
                    samples.max(DISKS, 2, "hdd", "b");
                }))
                .contains("# HELP disks Disks by kind\n", "# TYPE disks gauge\n")
                .contains("disks{kind=\"ssd\",node=\"a\"} 2.0\n", "disks{kind=\"hdd\",node=\"b\"} 3.0\n")
                .contains("# TYPE reads_total counter\n", "reads_total 5.0\n");
    }

    @Test
    void valuesAreComputedAnewAtEachScrape() {
        ProcessMetrics metrics = new ProcessMetrics();
        int[] scrapes = {0};
        metrics.add(new ComputedMetrics(samples -> samples.set(READS, ++scrapes[0])));

        assertThat(metrics.scrape()).contains("reads_total 1.0\n");
        assertThat(metrics.scrape()).contains("reads_total 2.0\n");
    }

    @Test
    void aMetricWithoutAValueIsLeftOut() {
        assertThat(scrape(samples -> {})).doesNotContain("disks", "reads");
    }

    @Test
    void aLabelThatIsMissingIsAFault() {
        assertThatThrownBy(() -> new Samples().count(DISKS, "ssd"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("disks has the labels [kind, node], not [ssd]");
    }

    @Test
    void theVersionOfTheProgramIsOne() {
        assertThat(new ProcessMetrics().scrape()).contains("trusted_launch_build_info{version=\"development\"} 1");
    }

    private static String scrape(Consumer<Samples> source) {
        ProcessMetrics metrics = new ProcessMetrics();
        metrics.add(new ComputedMetrics(source));
        return metrics.scrape();
    }
}
