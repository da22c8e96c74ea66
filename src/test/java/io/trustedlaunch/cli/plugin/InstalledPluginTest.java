package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.testkit.Program;
import io.trustedlaunch.testkit.Program.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin as {@code bin/install-plugin} installs it, with the archive of its classes. */
class InstalledPluginTest {
    /** Nobody listens at the port. */
    private static final String NO_CLUSTER = """
            apiVersion: v1
            kind: Config
            current-context: none
            contexts: [{name: none, context: {cluster: none, user: none}}]
            clusters: [{name: none, cluster: {server: "https://127.0.0.1:1"}}]
            users: [{name: none, user: {token: none}}]
            """;

    @TempDir
    static Path folder;

    private static Path kubeconfig;

    @BeforeAll
    static void install() throws Exception {
        assumeThat(Path.of("target/dist/plugin")).as("the product is built").isDirectory();
        Program.plain().run("bin/install-plugin", folder.toString());
        kubeconfig = Files.writeString(folder.resolve("config"), NO_CLUSTER);
    }

    /** Those of picocli, and what implements them, have the form of Java 5, which no archive takes. */
    @Test
    void theClassesOfACommandComeFromTheArchive() throws Exception {
        Path log = folder.resolve("loaded");
        try (PlayedApiServer server = new PlayedApiServer(folder)) {
            GuestImage image = new GuestImage();
            image.setMetadata(new ObjectMetaBuilder().withName("ubuntu").build());
            image.setSpec(GuestImageSpecBuilder.builder()
                    .osType(OsType.Linux)
                    .identifier(new GuestImageSpec.Identifier("p", "o", "s"))
                    .version("1")
                    .build());
            server.have(image);
            Outcome ended = run(
                    Map.of("JAVA_TOOL_OPTIONS", "-Xlog:class+load:file=" + log),
                    "images",
                    "--all",
                    "--kubeconfig",
                    server.kubeconfig().toString());
            assertThat(ended.output()).contains("ubuntu");
        }

        List<String> loaded = Files.readAllLines(log);
        assertThat(loaded)
                .anyMatch(line -> line.contains(KubectlTlvm.class.getName()) && line.contains("shared objects file"));
        assertThat(loaded.stream()
                        .filter(line -> line.contains("source: file:"))
                        .filter(line -> !line.contains("picocli"))
                        .filter(line -> !line.contains(CommandExceptionHandler.class.getName())))
                .isEmpty();
    }

    @Test
    void whoMayWriteTheArchiveMayWriteTheJars() throws Exception {
        assertThat(Files.getOwner(archive())).isEqualTo(Files.getOwner(jar()));
        assertThat(Files.getPosixFilePermissions(archive()).toString()).doesNotContain("GROUP_WRITE", "OTHERS_WRITE");
    }

    @Test
    void withoutAnArchiveOrWithAStaleOneItSaysTheSame() throws Exception {
        Outcome before = images();
        assertThat(before.messages()).startsWith("error: cannot reach the API server: ");
        FileTime time = Files.getLastModifiedTime(jar());
        try {
            Files.setLastModifiedTime(jar(), FileTime.from(Instant.EPOCH.plusSeconds(1)));
            assertThat(images()).isEqualTo(before);
        } finally {
            Files.setLastModifiedTime(jar(), time);
        }
        Path away = archive().resolveSibling("away");
        Files.move(archive(), away);
        try {
            assertThat(images()).isEqualTo(before);
            Files.writeString(archive(), "not an archive");
            assertThat(images()).isEqualTo(before);
        } finally {
            Files.move(away, archive(), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static Outcome images() throws IOException, InterruptedException {
        return run(Map.of(), "images", "--kubeconfig", kubeconfig.toString());
    }

    private static Outcome run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        return new Program(environment)
                .outcome(Stream.concat(
                                Stream.of(folder.resolve("bin/kubectl-tlvm").toString()), Stream.of(arguments))
                        .toArray(String[]::new));
    }

    private static Path jar() {
        return folder.resolve("lib/kubectl-tlvm/target/dist/plugin/trusted-launch-plugin.jar");
    }

    private static Path archive() {
        return jar().resolveSibling("plugin.jsa");
    }
}
