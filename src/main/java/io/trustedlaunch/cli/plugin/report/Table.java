package io.trustedlaunch.cli.plugin.report;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Rows under titles, as kubectl prints them. */
final class Table {
    private Table() {}

    /** @param value what a row has in this column */
    record Column<R>(String title, Function<R, String> value) {
        private int width(List<R> rows) {
            return Math.max(
                    title.length(),
                    rows.stream().map(value).mapToInt(String::length).max().orElse(0));
        }
    }

    static <R> Text of(List<R> rows, List<Column<R>> columns) {
        return new Text(Stream.concat(
                        Stream.of(line(columns, rows, Column::title)),
                        rows.stream()
                                .map(row -> line(
                                        columns, rows, column -> column.value().apply(row))))
                .toList());
    }

    private static <R> String line(List<Column<R>> columns, List<R> rows, Function<Column<R>, String> cell) {
        return columns.stream()
                .map(column -> String.format("%-" + column.width(rows) + "s", cell.apply(column)))
                .collect(Collectors.joining("   "))
                .stripTrailing();
    }
}
