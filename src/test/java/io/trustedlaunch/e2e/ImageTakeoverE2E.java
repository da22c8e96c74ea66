package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.api.GuestImageSpec.HttpsSource;
import io.trustedlaunch.api.GuestImageSpec.Source;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.testkit.ProofImages;
import io.trustedlaunch.testkit.RawHttpsServer;
import io.trustedlaunch.testkit.ServerCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host loses its power while its agent brings an image for others, too, which have the same folder. */
class ImageTakeoverE2E {
    private static final String HOST = "kubernetes.io/hostname";
    private static final String THERE = "on-host-a";
    private static final String HERE = "on-host-b";

    @TempDir
    private Path folder;

    @Test
    void theNodeThatWaitsBringsTheImageInsteadAndNothingIsLeftOfTheFirstTry() throws Exception {
        try (Stage stage = Stage.open("takeover")) {
            stage.awaitShared();
            byte[] image = ProofImages.blank().bytes();
            String address = stage.client.getMasterUrl().getHost();
            ServerCertificate certificate = ServerCertificate.make(folder, 2, "IP:" + address);
            try (RawHttpsServer server = new RawHttpsServer(certificate, InetAddress.getByName(address), address)) {
                server.does((asked, out) -> {
                    out.write(RawHttpsServer.head(200, "Content-Length: " + image.length));
                    out.write(image, 0, image.length / 2);
                    out.flush();
                    server.awaitEnd();
                });
                GuestImage brought = stage.create(stage.imageFrom(
                        new Source(null, new HttpsSource(server.url("/proof"), certificate.authority(), null), null)));
                String name = brought.getMetadata().getName();
                stage.create(stage.vmInFirmware(THERE).image(name).onNodesWith(HOST, "host-a"));
                await("a part of the image on host-a")
                        .atMost(Stage.PATIENCE)
                        .until(() -> begun(stage, brought).stream()
                                .anyMatch(file -> file.toFile().length() > 1 << 20));
                stage.create(stage.vmInFirmware(HERE).image(name).onNodesWith(HOST, "host-b"));
                await("a life on host-b, which waits for the same image")
                        .atMost(Stage.PATIENCE)
                        .until(() -> !stage.incarnations(stage.uid(HERE)).isEmpty());
                assertThat(importers(stage, brought)).containsExactly("host-a");

                server.does((asked, out) -> {
                    out.write(RawHttpsServer.head(200, "Content-Length: " + image.length));
                    out.write(image);
                });
                stage.lab.run("host", "host-a", "crash").orFail();
                try {
                    stage.awaitRunning(HERE);
                    assertThat(importers(stage, brought)).containsExactlyInAnyOrder("host-a", "host-b");
                    assertThat(server.asked().getLast().from()).isEmpty();
                    await("what host-a began to be gone")
                            .atMost(Stage.PATIENCE)
                            .until(() -> begun(stage, brought).isEmpty());
                    assertThat(published(stage, brought)).hasSize(1);
                } finally {
                    stage.lab.run("host", "host-a", "start").orFail();
                }
                int asked = server.asked().size();
                stage.awaitRunning(THERE);
                assertThat(server.asked()).hasSize(asked);
                assertThat(published(stage, brought)).hasSize(1);
                stage.client.resource(brought).delete();
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

    /** Whatever any node has of the image that has no name yet. */
    private static List<Path> begun(Stage stage, GuestImage image) {
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
            // It is being removed under our hands.
            return List.of(place);
        }
    }
}
