package io.trustedlaunch.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
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
 * Runs test classes one after the other in one process: a Maven process for each few of them would take as much processor
 * time as a guest that boots.
 */
@Command(name = "lane")
final class Lane implements Callable<Integer> {
    @Option(names = "--reports", required = true)
    private Path reports;

    @Option(names = "--tag", description = "only tests with this tag")
    private List<String> tags = List.of();

    @Option(names = "--without-tag")
    private List<String> withoutTags = List.of();

    @Option(names = "--queue", description = "a queue of classes to run after the named ones")
    private Optional<Path> queue = Optional.empty();

    @Option(names = "--last", description = "a class to run after all others, if any of the queue ran")
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
        if (queue.isPresent() && drain(new LabQueue(queue.get()))) {
            last.ifPresent(this::run);
        }
        return failed ? 1 : 0;
    }

    /** Returns whether the queue had a class. */
    private boolean drain(LabQueue waiting) throws IOException {
        boolean any = false;
        for (Optional<Class<?>> next = waiting.take(); next.isPresent(); next = waiting.take()) {
            any = true;
            run(next.get().getName());
        }
        return any;
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
