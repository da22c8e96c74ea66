package io.trustedlaunch.cli.plugin.report;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

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

    static <R> String of(List<R> rows, List<Column<R>> columns) {
        StringBuilder text = new StringBuilder(line(columns, rows, Column::title));
        rows.forEach(
                row -> text.append(line(columns, rows, column -> column.value().apply(row))));
        return text.toString();
    }

    private static <R> String line(List<Column<R>> columns, List<R> rows, Function<Column<R>, String> cell) {
        return columns.stream()
                        .map(column -> String.format("%-" + column.width(rows) + "s", cell.apply(column)))
                        .collect(Collectors.joining("   "))
                        .stripTrailing()
                + System.lineSeparator();
    }
}
