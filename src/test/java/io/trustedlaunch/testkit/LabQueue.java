package io.trustedlaunch.testkit;

import io.trustedlaunch.testkit.LabOrder.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * The test classes for labs that are still to run: a folder with an empty file for each, named so that they sort in the order of
 * {@link LabOrder}. Several processes may take from it.
 */
final class LabQueue {
    /** What a lab has to have for the classes of a queue, whose folder has its name in lower case. */
    enum Kind {
        /** They start the parts that they need. */
        PARTS("io.trustedlaunch", ".*IT", false),
        /** They run inside a host, and leave domains there that a running agent would report as unknown. */
        HOST("io.trustedlaunch", ".*(IT|E2E)", true),
        /** The product, as processes. */
        PRODUCT("io.trustedlaunch.e2e", ".*E2E", false);

        private final String inPackage;
        private final String pattern;
        private final boolean insideHost;

        Kind(String inPackage, String pattern, boolean insideHost) {
            this.inPackage = inPackage;
            this.pattern = pattern;
            this.insideHost = insideHost;
        }
    }

    private static final String HOST = "host";

    /** Those on an API server in containers need no lab. */
    private static final String STOCK = "io\\.trustedlaunch\\.stock\\..*";

    private static final Map<Kind, List<Class<?>>> FOUND = new ConcurrentHashMap<>();

    private final Path folder;
    private boolean labEnded;

    LabQueue(Path folder) {
        this.folder = folder;
    }

    /**
     * Fills a folder for each {@link Kind} inside the first argument. A second argument is a file with the paths of changed
     * files, a line each: then only the classes that {@linkplain ChangedTests reach a change}.
     */
    public static void main(String[] arguments) throws IOException {
        Predicate<Class<?>> wanted = test -> true;
        if (arguments.length > 1) {
            wanted = ChangedTests.of(Files.readAllLines(Path.of(arguments[1])))::reaches;
        }
        for (Kind kind : Kind.values()) {
            List<Class<?>> classes = classes(kind).stream().filter(wanted).toList();
            new LabQueue(Path.of(arguments[0]).resolve(kind.name().toLowerCase(Locale.ROOT))).fill(classes);
            if (arguments.length > 1) {
                System.out.println(kind.name().toLowerCase(Locale.ROOT) + ": "
                        + classes.stream().map(Class::getSimpleName).toList());
            }
        }
    }

    /** All classes that have tests for such a lab, outside campaigns, by name. They are looked for once in a process. */
    static List<Class<?>> classes(Kind kind) {
        return FOUND.computeIfAbsent(kind, LabQueue::find);
    }

    private static List<Class<?>> find(Kind kind) {
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectPackage(kind.inPackage))
                .filters(
                        ClassNameFilter.includeClassNamePatterns(kind.pattern),
                        ClassNameFilter.excludeClassNamePatterns(STOCK),
                        TagFilter.excludeTags("campaign", "cluster"),
                        kind.insideHost ? TagFilter.includeTags(HOST) : TagFilter.excludeTags(HOST));
        TestPlan plan = LauncherFactory.create().discover(request.build());
        return plan.getRoots().stream()
                .flatMap(engine -> plan.getChildren(engine).stream())
                .flatMap(test -> classOf(test).stream())
                .sorted(Comparator.comparing(Class::getName))
                .toList();
    }

    private static Optional<Class<?>> classOf(TestIdentifier test) {
        return test.getSource()
                .filter(ClassSource.class::isInstance)
                .map(ClassSource.class::cast)
                .map(ClassSource::getJavaClass);
    }

    void fill(List<Class<?>> classes) throws IOException {
        Files.createDirectories(folder);
        int number = 0;
        for (Class<?> test :
                classes.stream().sorted(Comparator.comparing(Place::of)).toList()) {
            Files.createFile(folder.resolve("%03d-%s".formatted(number++, test.getName())));
        }
    }

    /** The next class, removed from the queue; empty also after a class that ended the lab of this process. */
    Optional<Class<?>> take() throws IOException {
        if (labEnded) {
            return Optional.empty();
        }
        try (Stream<Path> waiting = Files.list(folder)) {
            for (Path file : waiting.sorted().toList()) {
                // Another process may have taken it first.
                if (Files.deleteIfExists(file)) {
                    Class<?> test = load(file.getFileName().toString());
                    labEnded = Place.of(test) == Place.ENDS_LAB;
                    return Optional.of(test);
                }
            }
        }
        return Optional.empty();
    }

    private static Class<?> load(String fileName) {
        String name = fileName.substring(fileName.indexOf('-') + 1);
        try {
            return Class.forName(name, false, LabQueue.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the queue names a class that does not exist: " + name, e);
        }
    }
}
