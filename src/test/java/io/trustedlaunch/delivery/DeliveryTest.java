package io.trustedlaunch.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.host.HostFolders;
import io.trustedlaunch.cli.Commands;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each role has what its classes reach, also by reflection, and nothing else. The lists are in {@code pom.xml}. */
class DeliveryTest {
    private static final Path PRODUCT = product();
    private static final List<Path> CLASS_PATH = classPath();

    /** Annotations for the build alone, which a JVM passes over. */
    private static final Set<String> NOT_DELIVERED = Set.of("crd-generator-api-v2");

    /** Of all roles. */
    private static final List<String> SHARED = List.of("logback*.xml", "META-INF/services/*");

    /** Nobody listens at the port. */
    private static final String NO_CLUSTER = """
            apiVersion: v1
            kind: Config
            current-context: none
            contexts: [{name: none, context: {cluster: none, user: none}}]
            clusters: [{name: none, cluster: {server: "http://127.0.0.1:1"}}]
            users: [{name: none, user: {token: none}}]
            """;

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static ClassGraph graph;

    @BeforeAll
    static void read() throws IOException {
        graph = new ClassGraph(CLASS_PATH);
    }

    @AfterAll
    static void close() throws IOException {
        graph.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"operator", "agent", "fencer", "plugin"})
    void aRoleHasTheClassesThatItReaches(String name) throws Exception {
        Role role = Role.of(name);
        Set<String> reached = own(graph.reachable(roots(role)));

        assertThat(delivered(role)).as("the list of " + name + " in pom.xml").containsAll(reached);
        assertThat(role.includes())
                .allSatisfy(pattern -> assertThat(reached)
                        .as(pattern + " is needed by " + name)
                        .anyMatch(type -> Role.matches(pattern, type + ".class")));
    }

    /** So a room that is delivered whole has no class that would miss something. */
    @ParameterizedTest
    @ValueSource(strings = {"operator", "agent", "fencer", "plugin"})
    void nothingThatARoleHasNamesAClassThatItDoesNotHave(String name) throws Exception {
        Role role = Role.of(name);
        Set<String> delivered = delivered(role);
        for (String type : delivered) {
            assertThat(delivered).as("what " + type + " names").containsAll(own(graph.named(type)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"operator", "agent", "fencer", "plugin"})
    void aRoleHasTheLibrariesThatItsClassesReach(String name) throws Exception {
        Role role = Role.of(name);
        assertThat(libraries(role).map(Role::artifact)).containsExactlyInAnyOrderElementsOf(role.libraries());
    }

    @ParameterizedTest
    @CsvSource({
        "operator, org/libvirt/, com/sun/jna/, io/trustedlaunch/agent/",
        "agent, io/javaoperatorsdk/, software/amazon/, io/trustedlaunch/operator/",
        "fencer, org/libvirt/, software/amazon/, org/bouncycastle/",
        "plugin, org/libvirt/, io/javaoperatorsdk/, io/micrometer/"
    })
    void aRoleReachesNothingOfTheOthers(String name, String one, String two, String three) throws Exception {
        assertThat(graph.reachable(delivered(Role.of(name))))
                .noneMatch(type -> type.startsWith(one) || type.startsWith(two) || type.startsWith(three));
    }

    /** With its own classes and libraries alone: what is found by reflection is there, or the process says another thing. */
    @ParameterizedTest
    @CsvSource({
        "operator, operator --namespace x, cannot read the access policies from the API server",
        "operator, check --namespace x, KubernetesClientException: Operation: [get]",
        "agent, agent --namespace x --node n --hypervisor-user root, another agent is running on this host",
        "fencer, fencer --namespace x, java.net.ConnectException",
        "plugin, status x, cannot reach the API server"
    })
    void aRoleStarts(String name, String arguments, String expected, @TempDir Path folder) throws Exception {
        Path state = folder.resolve("state");
        Path run = folder.resolve("run");
        List<String> command = command(Role.of(name), folder.resolve("classes"));
        command.addAll(List.of(arguments.split(" ")));
        if (name.equals("agent")) {
            command.addAll(List.of("--state-dir=" + state, "--run-dir=" + run));
        }
        try (HostFolders ofAnotherAgent = HostFolders.open(state, run)) {
            assertThat(output(command, folder, expected))
                    .contains(expected)
                    .doesNotContain("NoClassDefFoundError", "ClassNotFoundException");
        }
    }

    private static List<String> command(Role role, Path classes) throws IOException {
        String classPath = Stream.concat(Stream.of(copy(role, classes)), libraries(role))
                .map(Path::toString)
                .collect(Collectors.joining(":"));
        return new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                role.main().replace('/', '.')));
    }

    /** What the command says without a cluster, until it has said what is expected, or has ended. */
    private static String output(List<String> command, Path folder, String expected) throws IOException {
        Path said = folder.resolve("output");
        Path kubeconfig = Files.writeString(folder.resolve("kubeconfig"), NO_CLUSTER);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        builder.environment().put("KUBERNETES_REQUEST_RETRY_BACKOFFLIMIT", "0");
        Process process = builder.start();
        try {
            await().atMost(PATIENCE)
                    .until(() -> !process.isAlive() || Files.readString(said).contains(expected));
            return Files.readString(said);
        } finally {
            process.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"operator", "agent", "fencer", "plugin"})
    void whatWasBuiltIsWhatIsListed(String name) throws Exception {
        Path built = Path.of("target/dist").resolve(name);
        assumeThat(built).as("the product is built").isDirectory();
        Role.of(name).assertIsAllIn(built);
    }

    private static Set<String> roots(Role role) throws IOException {
        Set<String> roots = new TreeSet<>(Set.of(role.main()));
        roots.addAll(graph.provided(PRODUCT));
        return roots;
    }

    private static Set<String> delivered(Role role) {
        return graph.classesOf(PRODUCT).stream().filter(role::hasClass).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> own(Collection<String> types) {
        return types.stream()
                .filter(type -> graph.place(type).equals(PRODUCT))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<Path> libraries(Role role) throws IOException {
        return graph.reachable(delivered(role)).stream()
                .map(graph::place)
                .distinct()
                .filter(place -> !place.equals(PRODUCT))
                .filter(place -> !NOT_DELIVERED.contains(Role.artifact(place)));
    }

    private static Path copy(Role role, Path target) throws IOException {
        try (Stream<Path> all = Files.walk(PRODUCT)) {
            for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                Path name = PRODUCT.relativize(file);
                if (role.hasFile(name.toString())
                        || SHARED.stream().anyMatch(pattern -> Role.matches(pattern, name.toString()))) {
                    Files.createDirectories(target.resolve(name).getParent());
                    Files.copy(file, target.resolve(name));
                }
            }
        }
        return target;
    }

    private static Path product() {
        try {
            return Path.of(Commands.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Path> classPath() {
        return Stream.of(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator))
                .map(Path::of)
                .map(Path::toAbsolutePath)
                .toList();
    }
}
