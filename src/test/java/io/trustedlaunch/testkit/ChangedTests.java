package io.trustedlaunch.testkit;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The test classes that a change can make fail: those that reach a changed class, by the references in the class files. A
 * constant that the compiler has copied is no reference, so this finds what to run first, not what to leave out of CI.
 */
final class ChangedTests {
    /** It stands for the tests of the product as processes, which refer to none of its classes. */
    private static final String MAIN_PATH = "io.trustedlaunch.e2e.MainPathE2E";

    private static final String MAIN = "src/main/java/";
    private static final String TESTS = "src/test/java/";
    private static final String GITOPS = "examples/gitops/";

    /** They run the tools of users over these examples. */
    private static final Set<String> READERS_OF_GITOPS =
            Set.of("io.trustedlaunch.api.HealthToolsIT", "io.trustedlaunch.api.GitOpsExamplesIT");

    /** No other test in a lab reads these. */
    private static final List<String> DOCUMENTS = List.of("docs/", "examples/", "README.md", "src/test/resources/");

    private final boolean all;
    private final Set<String> reached;

    private ChangedTests(boolean all, Set<String> reached) {
        this.all = all;
        this.reached = reached;
    }

    /** @param files paths in the repository */
    static ChangedTests of(Collection<String> files) {
        return of(files, users(new ClassFileImporter().importPackages("io.trustedlaunch")));
    }

    /** @param users for each class, by top-level name, those that refer to it */
    static ChangedTests of(Collection<String> files, Map<String, Set<String>> users) {
        Set<String> changed = new HashSet<>();
        boolean all = false;
        boolean product = false;
        for (String file : files) {
            product |= file.startsWith(MAIN);
            if (file.startsWith(GITOPS)) {
                changed.addAll(READERS_OF_GITOPS);
            }
            if (file.endsWith(".java") && (file.startsWith(MAIN) || file.startsWith(TESTS))) {
                changed.add(file.substring(MAIN.length(), file.length() - ".java".length())
                        .replace('/', '.'));
            } else {
                // The chart, the build, the labs, resources of the product: everything stands on them.
                all |= DOCUMENTS.stream().noneMatch(file::startsWith);
            }
        }
        if (product) {
            changed.add(MAIN_PATH);
        }
        return new ChangedTests(all, closure(changed, users));
    }

    boolean reaches(Class<?> test) {
        return all || reached.contains(test.getName());
    }

    private static Set<String> closure(Set<String> changed, Map<String, Set<String>> users) {
        Set<String> reached = new HashSet<>(changed);
        Deque<String> open = new ArrayDeque<>(changed);
        while (!open.isEmpty()) {
            for (String user : users.getOrDefault(open.pop(), Set.of())) {
                if (reached.add(user)) {
                    open.push(user);
                }
            }
        }
        return reached;
    }

    private static Map<String, Set<String>> users(JavaClasses classes) {
        Map<String, Set<String>> users = new HashMap<>();
        for (JavaClass user : classes) {
            for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
                users.computeIfAbsent(topLevel(dependency.getTargetClass()), used -> new HashSet<>())
                        .add(topLevel(user));
            }
        }
        return users;
    }

    private static String topLevel(JavaClass type) {
        String name = type.getBaseComponentType().getName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }
}
