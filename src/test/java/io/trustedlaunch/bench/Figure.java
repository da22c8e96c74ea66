package io.trustedlaunch.bench;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/**
 * A measured figure.
 *
 * @param values one for each round
 * @param pairs of a ratio: what each value was divided from
 * @param limit of an exact figure, which does not depend on the machine: more is a regression
 * @param note what a reader has to know
 */
@RecordBuilder
record Figure(
        String name,
        String unit,
        List<Double> values,
        List<Pair> pairs,
        Optional<Aim> aim,
        OptionalDouble limit,
        String note) {
    /** The two sides of a ratio, measured one after the other. */
    record Pair(double ours, double other) {
        double ratio() {
            return ours / other;
        }
    }

    /** What the figure is to be. */
    record Aim(boolean atMost, double value) {
        boolean isMetBy(double median) {
            return atMost ? median <= value : median >= value;
        }

        @Override
        public String toString() {
            return (atMost ? "≤ " : "≥ ") + number(value);
        }
    }

    static Figure of(String name, String unit, double... values) {
        return of(name, unit, DoubleStream.of(values).boxed().toList());
    }

    static Figure of(String name, String unit, List<Double> values) {
        return FigureBuilder.builder()
                .name(name)
                .unit(unit)
                .values(values)
                .pairs(List.of())
                .aim(Optional.empty())
                .limit(OptionalDouble.empty())
                .note("")
                .build();
    }

    static Figure ratio(String name, List<Pair> pairs) {
        return FigureBuilder.builder(
                        of(name, "", pairs.stream().map(Pair::ratio).toList()))
                .pairs(pairs)
                .build();
    }

    Figure atMost(double aimed) {
        return FigureBuilder.builder(this)
                .aim(Optional.of(new Aim(true, aimed)))
                .build();
    }

    Figure atLeast(double aimed) {
        return FigureBuilder.builder(this)
                .aim(Optional.of(new Aim(false, aimed)))
                .build();
    }

    Figure limitedTo(double most) {
        return FigureBuilder.builder(this).limit(OptionalDouble.of(most)).build();
    }

    Figure noting(String text) {
        return FigureBuilder.builder(this).note(text).build();
    }

    double median() {
        return percentile(50);
    }

    double least() {
        return percentile(0);
    }

    double most() {
        return percentile(100);
    }

    private double percentile(int percent) {
        return percentile(values.stream().mapToDouble(Double::doubleValue).toArray(), percent);
    }

    /** The median of an even number of values is between the two in the middle. */
    static double percentile(double[] values, int percent) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double at = (sorted.length - 1) * percent / 100.0;
        int below = (int) Math.floor(at);
        int above = (int) Math.ceil(at);
        return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
    }

    boolean exceedsLimit() {
        return limit.isPresent() && !(most() <= limit.getAsDouble());
    }

    static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e9) {
            return String.format(Locale.ROOT, "%d", Math.round(value));
        }
        return String.format(
                Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
    }
}
