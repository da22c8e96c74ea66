package io.trustedlaunch.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the rows, one after the other; {@code bin/bench} starts it in a lab. */
@Command(name = "bench")
final class Bench implements Callable<Integer> {
    /** Those with real VMs first: they share their lab with nothing else then. */
    private static final List<Row> ROWS = List.of(
            new Placement(),
            new Import(),
            new Plugin(),
            new Start(),
            new Move(),
            new Change(),
            new Backup(),
            new BackupYear(),
            new Freshness(),
            new ApiWrites(),
            new Burst(),
            new Latency(),
            new Growth(),
            new Memory(),
            new Cpu(),
            // It leaves a node less.
            new Failover(),
            // Its namespaces stay full.
            new Allowed());

    /** All that need no hosts, and have exact figures. */
    private static final List<String> SMOKE = List.of("api-writes", "burst", "latency", "growth", "memory", "cpu");

    @Option(names = "--only", split = ",")
    private List<String> only = List.of();

    @Option(names = "--list")
    private boolean list;

    @Option(names = "--place")
    private boolean place;

    @Option(names = "--smoke")
    private boolean smoke;

    @Option(names = "--explain", description = "print each step of a start and of a migration")
    private boolean explain;

    @Option(names = "--vms", description = "created at once")
    private Optional<Integer> vms = Optional.empty();

    @Option(names = "--crowds", split = ",", description = "there already")
    private List<Integer> crowds = List.of();

    @Option(names = "--operator-jvm", split = " ")
    private List<String> options = List.of();

    @Option(names = "--report")
    private Path report = Path.of("target", "bench", "report.json");

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bench()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (list) {
            ROWS.forEach(row -> System.out.printf("%-12s %s%n", row.name(), row.summary()));
            return 0;
        }
        List<Row> rows = rows();
        if (place) {
            rows.stream().map(Row::place).max(Comparator.naturalOrder()).ifPresent(System.out::println);
            return 0;
        }
        Report measured = new Report(Instant.now(), options);
        measure(rows, scale(), measured);
        List<String> regressions = measured.regressions();
        regressions.forEach(System.err::println);
        return regressions.isEmpty() ? 0 : 1;
    }

    private Scale scale() {
        Scale scale = smoke ? Scale.SMOKE : Scale.FULL;
        return ScaleBuilder.builder(scale)
                .burst(vms.orElse(scale.burst()))
                .crowds(crowds.isEmpty() ? scale.crowds() : crowds)
                .build();
    }

    private List<Row> rows() {
        List<String> wanted = only.isEmpty() ? (smoke ? SMOKE : usual()) : only;
        for (String name : wanted) {
            if (ROWS.stream().noneMatch(row -> row.name().equals(name))) {
                throw new IllegalArgumentException("there is no row " + name + "; --list prints all");
            }
        }
        return ROWS.stream().filter(row -> wanted.contains(row.name())).toList();
    }

    private static List<String> usual() {
        return ROWS.stream().filter(row -> !row.isOnDemand()).map(Row::name).toList();
    }

    static List<Row> smoke() {
        return ROWS.stream().filter(row -> SMOKE.contains(row.name())).toList();
    }

    private void measure(List<Row> rows, Scale scale, Report measured) throws Exception {
        Files.createDirectories(report.toAbsolutePath().getParent());
        Report.printHead(System.out);
        try (Run run =
                new Run(scale, options, explain, report.resolveSibling("logs").toAbsolutePath())) {
            for (Row row : rows) {
                Report.Entry entry = Report.Entry.measure(row, run);
                Report.print(entry, System.out);
                measured.add(entry);
                measured.write(report);
            }
        }
    }
}
