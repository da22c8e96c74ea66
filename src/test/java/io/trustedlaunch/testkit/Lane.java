package io.trustedlaunch.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;
import org.junit.platform.reporting.legacy.xml.LegacyXmlReportGeneratingListener;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Runs test classes one after the other in one process: a Maven for each few of them takes as much of a processor as a
 * guest that boots. A queue is a folder with an empty file for each class; several lanes may take from it.
 */
@Command(name = "lane")
final class Lane implements Callable<Integer> {
    @Option(names = "--reports", required = true)
    private Path reports;

    @Option(names = "--tag", description = "only tests with it")
    private List<String> tags = List.of();

    @Option(names = "--without-tag")
    private List<String> withoutTags = List.of();

    @Option(names = "--queue", description = "what is left in it, after the classes that are named")
    private Path queue;

    @Option(names = "--until", description = "a class of the queue after which this lane takes no other")
    private String until = "";

    @Option(names = "--last", description = "a class that comes after all, if any of the queue was run")
    private Optional<String> last = Optional.empty();

    @Parameters
    private List<String> classes = List.of();

    private final Launcher launcher = LauncherFactory.create();
    private final PrintWriter out = new PrintWriter(System.out, true, UTF_8);
    private boolean failed;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Lane()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        for (String name : classes) {
            run(name);
        }
        Optional<String> next = next();
        Optional<String> end = next.flatMap(any -> last);
        while (next.isPresent()) {
            run(next.get());
            next = next.get().equals(until) ? Optional.empty() : next();
        }
        end.ifPresent(this::run);
        return failed ? 1 : 0;
    }

    /** Whoever removes its file has it. */
    private Optional<String> next() throws IOException {
        if (queue == null) {
            return Optional.empty();
        }
        try (Stream<Path> waiting = Files.list(queue)) {
            for (Path file : waiting.sorted().toList()) {
                if (Files.deleteIfExists(file)) {
                    String name = file.getFileName().toString();
                    return Optional.of(name.substring(name.indexOf('-') + 1));
                }
            }
        }
        return Optional.empty();
    }

    private void run(String name) {
        LauncherDiscoveryRequestBuilder request =
                LauncherDiscoveryRequestBuilder.request().selectors(DiscoverySelectors.selectClass(name));
        if (!tags.isEmpty()) {
            request.filters(TagFilter.includeTags(tags));
        }
        if (!withoutTags.isEmpty()) {
            request.filters(TagFilter.excludeTags(withoutTags));
        }
        TestPlan plan = launcher.discover(request.build());
        if (!plan.containsTests()) {
            return;
        }
        out.println("Running " + name);
        Instant begin = Instant.now();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        launcher.execute(plan, listener, new LegacyXmlReportGeneratingListener(reports.resolve(name), out));
        TestExecutionSummary summary = listener.getSummary();
        summary.printFailuresTo(out);
        failed |= summary.getTotalFailureCount() > 0;
        out.println(name + ": " + summary.getTestsSucceededCount() + " passed, " + summary.getTotalFailureCount()
                + " failed, " + Duration.between(begin, Instant.now()).toSeconds() + " s");
    }
}
