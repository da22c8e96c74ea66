package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpec.HttpsSource;
import io.trustedlaunch.api.image.GuestImageSpec.Source;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.testkit.RawHttpsServer;
import io.trustedlaunch.testkit.ServerCertificate;
import io.trustedlaunch.testkit.TestImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host loses power while its agent imports an image for all hosts that share the folder. */
@Tag("campaign")
class ImageTakeoverE2E {
    private static final String HOST = "kubernetes.io/hostname";
    private static final String IMPORTER = "on-host-a";
    private static final String WAITING = "on-host-b";

    @TempDir
    private Path folder;

    @Test
    void theWaitingNodeImportsTheImageInsteadAndNothingIsLeftOfTheFirstAttempt() throws Exception {
        try (Stage stage = Stage.open("takeover")) {
            stage.awaitShared();
            byte[] image = TestImage.blank().bytes();
            ServerCertificate certificate = stage.serverCertificate(folder);
            try (RawHttpsServer server = new RawHttpsServer(certificate, stage.address())) {
                server.respond((request, out) -> {
                    out.write(RawHttpsServer.head(200, "Content-Length: " + image.length));
                    out.write(image, 0, image.length / 2);
                    out.flush();
                    server.awaitClose();
                });
                GuestImage remote = stage.create(stage.imageFrom(
                        new Source(null, new HttpsSource(server.url("/proof"), certificate.authority(), null), null)));
                String name = remote.getMetadata().getName();
                stage.create(stage.vmInFirmware(IMPORTER).image(name).onNodesWith(HOST, "host-a"));
                await("host-a to have a part of the image")
                        .atMost(Stage.TIMEOUT)
                        .until(() -> partialFiles(stage, remote).stream()
                                .anyMatch(file -> file.toFile().length() > 1 << 20));
                stage.create(stage.vmInFirmware(WAITING).image(name).onNodesWith(HOST, "host-b"));
                await("an incarnation on host-b, which waits for the same image")
                        .atMost(Stage.TIMEOUT)
                        .until(() -> !stage.incarnations(stage.uid(WAITING)).isEmpty());
                assertThat(importers(stage, remote)).containsExactly("host-a");

                server.respond((request, out) -> {
                    out.write(RawHttpsServer.head(200, "Content-Length: " + image.length));
                    out.write(image);
                });
                stage.lab.run("host", "host-a", "crash").orFail();
                try {
                    stage.awaitRunning(WAITING);
                    assertThat(importers(stage, remote)).containsExactlyInAnyOrder("host-a", "host-b");
                    assertThat(server.requests().getLast().rangeStart()).isEmpty();
                    await("the partial files of host-a to be removed")
                            .atMost(Stage.TIMEOUT)
                            .until(() -> partialFiles(stage, remote).isEmpty());
                    assertThat(published(stage, remote)).hasSize(1);
                } finally {
                    stage.lab.run("host", "host-a", "start").orFail();
                }
                int requests = server.requests().size();
                stage.awaitRunning(IMPORTER);
                assertThat(server.requests()).hasSize(requests);
                assertThat(published(stage, remote)).hasSize(1);
                stage.client.resource(remote).delete();
            }
        }
    }

    private static List<String> importers(Stage stage, GuestImage image) {
        return copies(stage, image).map(copy -> copy.getSpec().nodeName()).toList();
    }

    private static Stream<ImageCopy> copies(Stage stage, GuestImage image) {
        return stage.client.resources(ImageCopy.class).list().getItems().stream()
                .filter(copy ->
                        copy.getSpec().image().uid().equals(image.getMetadata().getUid()));
    }

    private static List<Path> published(Stage stage, GuestImage image) throws IOException {
        try (Stream<Path> files = Files.list(images(stage))) {
            return files.filter(file -> file.getFileName()
                            .toString()
                            .startsWith(image.getMetadata().getUid()))
                    .toList();
        }
    }

    /** The files of unfinished imports of the image on all nodes. */
    private static List<Path> partialFiles(Stage stage, GuestImage image) {
        return copies(stage, image)
                .map(copy -> images(stage)
                        .resolve(".staging-" + copy.getSpec().nodeName())
                        .resolve(copy.getMetadata().getUid()))
                .flatMap(place -> filesBelow(place).stream())
                .toList();
    }

    private static Path images(Stage stage) {
        return stage.lab.folder().resolve("shared").resolve(".images");
    }

    private static List<Path> filesBelow(Path place) {
        if (!Files.exists(place)) {
            return List.of();
        }
        try (Stream<Path> tree = Files.walk(place)) {
            return tree.filter(Files::isRegularFile).toList();
        } catch (IOException | UncheckedIOException e) {
            // An agent is removing it.
            return List.of(place);
        }
    }
}
