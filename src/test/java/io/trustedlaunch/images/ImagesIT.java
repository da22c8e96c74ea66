package io.trustedlaunch.images;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.trustedlaunch.delivery.Role;
import io.trustedlaunch.testkit.Program;
import io.trustedlaunch.testkit.ServerCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The images, run in their own root, which is read-only, as the operator's user. Needs root, to build and to enter them. */
@Tag("campaign")
class ImagesIT {
    private static final String JAVA = "/opt/trusted-launch/jre/bin/java";
    private static final String LIBRARIES = "opt/trusted-launch/lib";
    /**
     * A container without a container runtime: the first argument is the root, the second the user, the third a folder to show
     * at /home.
     */
    private static final String CONTAINER = """
            set -e
            mount --make-rprivate /
            mount --bind "$1" "$1"
            mount -o remount,bind,ro "$1"
            mount --bind "$3" "$1/home"
            mount --rbind /dev "$1/dev"
            mount -t proc proc "$1/proc"
            mount -t tmpfs tmpfs "$1/tmp"
            root=$1 user=$2
            shift 3
            exec env -i PATH=/usr/sbin:/usr/bin LANG=C.UTF-8 /usr/sbin/chroot "--userspec=$user" "$root" "$@"
            """;

    private static Path folder;
    private static ImageArchive images;
    private static Path operator;
    private static Path agent;
    private static Path fencer;

    @BeforeAll
    static void build(@TempDir Path temporary) throws Exception {
        folder = temporary;
        images = ImageArchive.build(folder.resolve("images"));
        operator = images.unpack("operator", folder.resolve("operator"));
        agent = images.unpack("agent", folder.resolve("agent"));
        System.out.println(images.sizes("operator", operator));
        fencer = images.unpack("fencer", folder.resolve("fencer"));
        System.out.println(images.sizes("agent", agent));
        System.out.println(images.sizes("fencer", fencer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"operator", "agent", "fencer"})
    void anImageSaysWhatItIsAndWhereItComesFrom(String name) throws Exception {
        JsonNode config = images.config(name).path("config");
        String label = "org.opencontainers.image.";
        assertThat(config.path("Labels").path(label + "title").asText()).isEqualTo("trusted-launch-" + name);
        assertThat(config.path("Labels").path(label + "version").asText()).isEqualTo(pomVersion());
        assertThat(config.path("Labels").path(label + "revision").asText())
                .startsWith(Program.plain().run("git", "rev-parse", "HEAD").strip());
        assertThat(config.path("Labels").path(label + "created").asText()).matches("\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}Z");
        assertThat(config.path("Labels").path(label + "licenses").asText()).isEqualTo("Apache-2.0");
        assertThat(config.path("Entrypoint"))
                .extracting(JsonNode::asText)
                .startsWith(JAVA)
                .endsWith("-jar", product(name));
    }

    @Test
    void onlyTheAgentIsRoot() throws Exception {
        assertThat(images.config("operator").at("/config/User").asText()).isEqualTo("65532:65532");
        assertThat(images.config("fencer").at("/config/User").asText()).isEqualTo("65532:65532");
        assertThat(images.config("agent").at("/config/User").asText()).isEmpty();
    }

    @Test
    void operatorAgentAndFencerStart() throws Exception {
        assertThat(inside(fencer, "65532:65532", List.of("-jar", product("fencer"), "fencer", "--help")))
                .contains("Usage: trusted-launch fencer");
        assertThat(inOperator("-jar", product("operator"), "operator", "--help"))
                .contains("Usage: trusted-launch operator");
        assertThat(inAgent("-jar", product("agent"), "agent", "--help")).contains("Usage: trusted-launch agent");
        assertThat(inOperator("-jar", product("operator"), "--version")).contains(pomVersion());
    }

    @Test
    void anImageHasTheClassesAndLibrariesOfItsRoleAlone() throws Exception {
        Role.of("operator").assertIsAllIn(operator.resolve(LIBRARIES));
        Role.of("agent").assertIsAllIn(agent.resolve(LIBRARIES));
        Role.of("fencer").assertIsAllIn(fencer.resolve(LIBRARIES));
    }

    @Test
    void javaInTheImageConnectsByTls() throws Exception {
        assertThat(withServer(
                        "hello",
                        (address, authorities) ->
                                probe(operator, "65532:65532", "tls", "https://" + address + "/", authorities)))
                .isEqualTo("hello");
    }

    @Test
    void theFencerAsksAManagementControllerByItsOwnProgramsAlone() throws Exception {
        String uuid = "dd1f0b6f-7e2c-45ed-8737-b6004f4224cf";
        // A root of Redfish that is its own list of systems, and its own only system.
        String page = """
                {"Systems": {"@odata.id": "/redfish/v1/"}, "Members": [{"@odata.id": "/redfish/v1/"}],
                 "UUID": "%s", "PowerState": "Off"}""".formatted(uuid);
        assertThat(withServer(
                        page, (address, authorities) -> probe(fencer, "65532:65532", "fence", address, authorities)))
                .isEqualTo(uuid + " Off");
    }

    /** Something that connects with a server. */
    @FunctionalInterface
    private interface Client {
        /** @param authorities a file inside the image */
        String connect(String address, String authorities) throws Exception;
    }

    private static String withServer(String answer, Client client) throws Exception {
        ServerCertificate certificate = ServerCertificate.make(folder.resolve("keys"), 2);
        Path authority =
                Files.copy(certificate.folder().resolve("ca.crt"), testClasses().resolve("probe-ca.crt"));
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try {
            server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
            server.createContext("/", exchange -> {
                exchange.sendResponseHeaders(200, 0);
                try (exchange) {
                    exchange.getResponseBody().write(answer.getBytes(UTF_8));
                }
            });
            server.start();
            return client.connect("127.0.0.1:" + server.getAddress().getPort(), "/home/probe-ca.crt");
        } finally {
            server.stop(0);
            Files.delete(authority);
        }
    }

    @Test
    void javaInTheImageKnowsThePublicAuthorities() throws Exception {
        assertThat(Integer.parseInt(probe(agent, "0:0", "authorities"))).isGreaterThan(80);
    }

    @ParameterizedTest
    @ValueSource(strings = {"operator", "agent"})
    void theJvmOfAnImageMeasuresItself(String name) throws Exception {
        String metrics =
                name.equals("agent") ? probe(agent, "0:0", "metrics") : probe(operator, "65532:65532", "metrics");

        assertThat(metrics.lines().map(line -> line.split("[{ ]", 2)[0]))
                .contains(
                        "jvm_memory_used_bytes",
                        "jvm_gc_memory_allocated_bytes_total",
                        "jvm_threads_live_threads",
                        "process_cpu_usage",
                        "process_files_open_files");
        assertThat(metrics).contains("trusted_launch_build_info{version=\"" + pomVersion() + "\"} 1");
    }

    @Test
    void namesOfFilesAreUnicode() throws Exception {
        assertThat(probe(agent, "0:0", "names")).isEqualTo("UTF-8");
    }

    @Test
    void theAgentHasTheClientOfLibvirt() throws Exception {
        // libvirt's own fake hypervisor, which is in the client.
        assertThat(probe(agent, "0:0", "libvirt")).isEqualTo("6695eb01-f6a4-8304-79aa-97f2502e193f");
    }

    @Test
    void theOperatorHasNoShellAndNoPackageManager() throws Exception {
        try (Stream<Path> programs = Files.list(operator.resolve("usr/bin"))) {
            assertThat(programs.map(program -> program.getFileName().toString()))
                    .doesNotContain("sh", "bash", "dash", "apt-get", "dpkg", "perl", "busybox");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"operator", "agent", "fencer"})
    void anImageHasTheLicencesOfAllItsParts(String name) throws Exception {
        Path documents = folder.resolve(name).resolve("usr/share/doc");
        assertThat(documents.resolve("trusted-launch-operator/LICENSE")).hasSameTextualContentAs(Path.of("LICENSE"));
        assertThat(documents.resolve("trusted-launch-operator/NOTICE")).hasSameTextualContentAs(Path.of("NOTICE"));
        assertThat(documents.resolve("libc6/copyright")).isNotEmptyFile();
    }

    @Test
    void theNoticeNamesEveryLibraryAndRepeatsItsNotices() throws Exception {
        String notice = Files.readString(Path.of("NOTICE"));
        List<String> patterns = notice.lines()
                .flatMap(line -> Stream.of(line.split("  +")[0].split(" ")))
                .filter(word -> word.endsWith("-*"))
                .map(word -> word.substring(0, word.length() - 1))
                .toList();
        for (Path library : libraries()) {
            String file = library.getFileName().toString();
            assertThat(patterns).as("NOTICE has a line for " + file).anyMatch(file::startsWith);
            for (String copyright : copyrights(library)) {
                assertThat(notice).as("NOTICE repeats that of " + file).contains(copyright);
            }
        }
    }

    @Test
    void theFencerHasNoShell() throws Exception {
        try (Stream<Path> programs = Files.list(fencer.resolve("usr/bin"))) {
            assertThat(programs.map(program -> program.getFileName().toString()))
                    .doesNotContain("sh", "bash", "dash", "apt-get", "perl", "busybox");
        }
    }

    /** Of the images and of the plugin. */
    private static List<Path> libraries() throws IOException {
        List<Path> all = new ArrayList<>();
        for (Path folder : List.of(
                operator.resolve(LIBRARIES),
                agent.resolve(LIBRARIES),
                fencer.resolve(LIBRARIES),
                Path.of("target/dist/plugin"))) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> !file.getFileName().toString().startsWith("trusted-launch-"))
                        .forEach(all::add);
            }
        }
        return all;
    }

    private static String product(String name) {
        return "/" + LIBRARIES + "/trusted-launch-" + name + ".jar";
    }

    private static List<String> copyrights(Path library) throws IOException {
        List<String> found = new ArrayList<>();
        try (ZipFile jar = new ZipFile(library.toFile())) {
            for (String name : List.of("META-INF/NOTICE", "META-INF/NOTICE.txt")) {
                ZipEntry entry = jar.getEntry(name);
                if (entry != null) {
                    try (InputStream in = jar.getInputStream(entry)) {
                        new String(in.readAllBytes(), UTF_8)
                                .lines()
                                .map(line -> line.replaceFirst("^[ *]+", ""))
                                .filter(line -> line.startsWith("Copyright"))
                                .forEach(found::add);
                    }
                }
            }
        }
        return found;
    }

    private static String probe(Path root, String user, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                "-Djava.io.tmpdir=/dev/shm", "-cp", "/home:/opt/trusted-launch/lib/*", ImageProbe.class.getName()));
        words.addAll(List.of(arguments));
        return inside(root, user, words).strip();
    }

    private static String inOperator(String... arguments) throws Exception {
        return inside(operator, "65532:65532", List.of(arguments));
    }

    private static String inAgent(String... arguments) throws Exception {
        return inside(agent, "0:0", List.of(arguments));
    }

    private static String inside(Path root, String user, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", CONTAINER, "container"));
        command.addAll(List.of(root.toString(), user, testClasses().toString(), JAVA));
        command.addAll(arguments);
        return Program.plain().run(command.toArray(String[]::new));
    }

    private static Path testClasses() throws Exception {
        return Path.of(ImageProbe.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    private static String pomVersion() throws IOException {
        return Files.readString(Path.of("pom.xml")).replaceFirst("(?s).*?\n  <version>([^<]*)</version>.*", "$1");
    }
}
