package io.trustedlaunch.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The figures of a run: a table for people, and the same with all values as JSON. */
final class Report {
    private static final String FORMAT = "%-12s %-58s %10s %-5s %-19s %2s  %-9s %s%n";

    /** @param failure why it has no more figures */
    record Entry(Row row, Duration took, List<Figure> figures, Optional<String> failure) {
        static Entry measure(Row row, Run run) throws InterruptedException {
            Instant begin = Instant.now();
            try {
                List<Figure> figures = row.measure(run);
                return new Entry(row, Duration.between(begin, Instant.now()), figures, Optional.empty());
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                e.printStackTrace();
                return new Entry(row, Duration.between(begin, Instant.now()), List.of(), Optional.of(e.toString()));
            }
        }
    }

    private final Instant begin;
    private final String load;
    private final List<String> options;
    private final List<Entry> entries = new ArrayList<>();

    /** @param options of the operator's JVM */
    Report(Instant begin, List<String> options) throws IOException {
        this.begin = begin;
        this.options = options;
        this.load = load();
    }

    static String load() throws IOException {
        return String.join(
                " ",
                List.of(Files.readString(Path.of("/proc/loadavg")).split(" ")).subList(0, 3));
    }

    void add(Entry entry) {
        entries.add(entry);
    }

    /** Figures that must not depend on the machine, and have become worse. */
    List<String> regressions() {
        List<String> all = new ArrayList<>();
        for (Entry entry : entries) {
            entry.failure().ifPresent(failure -> all.add(entry.row().name() + ": " + failure));
            entry.figures().stream()
                    .filter(Figure::exceedsLimit)
                    .map(figure -> entry.row().name() + ": " + figure.name() + " is " + Figure.number(figure.most())
                            + ", more than " + Figure.number(figure.limit().getAsDouble()))
                    .forEach(all::add);
        }
        return all;
    }

    static void printHead(PrintStream out) {
        out.printf(FORMAT, "row", "figure", "median", "", "least–most", "n", "aim", "");
    }

    static void print(Entry entry, PrintStream out) {
        for (Figure figure : entry.figures()) {
            out.printf(
                    FORMAT,
                    entry.row().name(),
                    figure.name(),
                    Figure.number(figure.median()),
                    figure.unit(),
                    figure.values().size() < 2
                            ? ""
                            : Figure.number(figure.least()) + "–" + Figure.number(figure.most()),
                    figure.values().size(),
                    figure.aim().map(Object::toString).orElse(""),
                    figure.aim()
                                    .map(aim -> aim.isMetBy(figure.median()) ? "met" : "missed")
                                    .orElse("")
                            + (figure.note().isEmpty() ? "" : " (" + figure.note() + ")"));
        }
        entry.failure().ifPresent(failure -> out.println(entry.row().name() + " failed: " + failure));
    }

    void write(Path file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode();
        root.put("begin", begin.toString());
        root.put("end", Instant.now().toString());
        root.put("cores", Runtime.getRuntime().availableProcessors());
        root.put("loadBefore", load);
        root.put("loadAfter", load());
        root.put("operatorJvm", String.join(" ", options));
        ArrayNode rows = root.putArray("rows");
        entries.forEach(entry -> write(entry, rows.addObject()));
        Files.writeString(file, json.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
    }

    private static void write(Entry entry, ObjectNode row) {
        row.put("name", entry.row().name());
        row.put("seconds", entry.took().toMillis() / 1e3);
        entry.failure().ifPresent(failure -> row.put("failure", failure));
        ArrayNode figures = row.putArray("figures");
        for (Figure figure : entry.figures()) {
            ObjectNode one = figures.addObject();
            one.put("name", figure.name().strip());
            one.put("unit", figure.unit());
            one.put("median", figure.median());
            one.put("least", figure.least());
            one.put("most", figure.most());
            ArrayNode values = one.putArray("values");
            figure.values().forEach(values::add);
            if (!figure.pairs().isEmpty()) {
                ArrayNode pairs = one.putArray("pairs");
                figure.pairs().forEach(pair -> pairs.addArray().add(pair.ours()).add(pair.other()));
            }
            figure.aim().ifPresent(aim -> one.put("aim", aim.toString()).put("met", aim.isMetBy(figure.median())));
            figure.limit().ifPresent(limit -> one.put("limit", limit));
            if (!figure.note().isEmpty()) {
                one.put("note", figure.note());
            }
        }
    }
}
