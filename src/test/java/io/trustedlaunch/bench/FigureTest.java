package io.trustedlaunch.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.bench.Figure.Pair;
import java.util.List;
import org.junit.jupiter.api.Test;

class FigureTest {
    @Test
    void itsMedianIsBetweenTheTwoInTheMiddle() {
        assertThat(Figure.of("f", "", 4, 1, 3, 2).median()).isEqualTo(2.5);
        assertThat(Figure.of("f", "", 5, 1, 3).median()).isEqualTo(3);
    }

    @Test
    void aRatioIsTheMedianOfItsPairsAndNotThePairOfMedians() {
        Figure ratio = Figure.ratio("f", List.of(new Pair(1, 10), new Pair(30, 10), new Pair(40, 20)));

        assertThat(ratio.median()).isEqualTo(2);
        assertThat(ratio.least()).isEqualTo(0.1);
        assertThat(ratio.most()).isEqualTo(3);
    }

    @Test
    void anAimIsMetByTheMedian() {
        Figure met = Figure.of("f", "", 1, 2, 9).atMost(2);
        Figure missed = Figure.of("f", "", 1, 2, 9).atLeast(3);

        assertThat(met.aim().orElseThrow().isMetBy(met.median())).isTrue();
        assertThat(missed.aim().orElseThrow().isMetBy(missed.median())).isFalse();
    }

    @Test
    void oneValueAboveTheLimitExceedsIt() {
        assertThat(Figure.of("f", "", 1, 1, 2).limitedTo(1).exceedsLimit()).isTrue();
        assertThat(Figure.of("f", "", 1, 1, 1).limitedTo(1).exceedsLimit()).isFalse();
        assertThat(Figure.of("f", "", 2).exceedsLimit()).as("without a limit").isFalse();
    }

    @Test
    void aFigureThatCouldNotBeComputedExceedsItsLimit() {
        assertThat(Figure.of("f", "", Double.NaN).limitedTo(1).exceedsLimit()).isTrue();
    }
}
