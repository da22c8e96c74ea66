package io.trustedlaunch.agent.imagecopy;

import static io.trustedlaunch.testkit.RawHttpsServer.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.host.WrongImageException;
import io.trustedlaunch.agent.imagesource.ImageSource;
import io.trustedlaunch.agent.imagesource.WebFile;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageSpec.HttpsSource;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.testkit.RawHttpsServer;
import io.trustedlaunch.testkit.RawHttpsServer.Request;
import io.trustedlaunch.testkit.ServerCertificate;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Half a download, of which a real server refuses the rest. */
class RefusedDownloadTest {
    private static final int HALF = 1 << 18;

    @TempDir
    private Path location;

    @TempDir
    private Path keys;

    private final byte[] image = disk(1);
    private ServerCertificate certificate;
    private RawHttpsServer server;
    private ImageFolder folder;

    @BeforeEach
    void startServer() throws Exception {
        certificate = ServerCertificate.make(keys.resolve("server"), 2);
        server = new RawHttpsServer(certificate);
        folder = new ImageFolder(location);
    }

    @AfterEach
    void stopServer() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 401, 403, 404, 410, 429, 503})
    void aDownloadContinuesAfterARefusalIsFixed(int status) throws IOException {
        cutHalfWay(image);

        server.respond((request, out) -> out.write(head(status, "Location: http://localhost/", "Content-Length: 0")));
        assertThat(catchThrowable(this::bring)).isNotNull().isNotInstanceOf(WrongImageException.class);
        server.respond((request, out) -> answer(image, "\"one\"", request, out));
        bring();

        assertThat(server.requests().getLast().rangeStart()).contains(HALF);
        assertThat(published()).hasBinaryContent(image);
        assertThat(files()).containsExactly(published());
    }

    @Test
    void anotherFileAtTheAddressIsDownloadedFromItsBeginning() throws IOException {
        cutHalfWay(disk(2));

        server.respond((request, out) -> out.write(head(404, "Content-Length: 0")));
        assertThat(catchThrowable(this::bring)).hasMessageContaining("404");
        server.respond((request, out) -> answer(image, "\"two\"", request, out));
        bring();

        assertThat(server.requests().getLast().header("if-range")).contains("\"one\"");
        assertThat(published()).hasBinaryContent(image);
    }

    @Test
    void anImageThatDoesNotFitIsReportedWithTheMissingBytesAndLeavesNothing() throws IOException {
        cutHalfWay(image);

        server.respond((request, out) -> {
            out.write(head(200, "Content-Length: " + (1L << 50)));
            out.flush();
            server.awaitClose();
        });

        RefusedException refused = catchThrowableOfType(RefusedException.class, this::bring);
        assertThat(refused.reason()).isEqualTo(Reason.NoSpace);
        assertThat(refused)
                .hasMessageContaining(location.toString())
                .hasMessageContaining((1L << 50) + " more bytes are needed");
        assertThat(files()).isEmpty();
    }

    @Test
    void otherBytesLeaveNothing() throws IOException {
        cutHalfWay(image);

        server.respond((request, out) -> answer(disk(2), "\"two\"", request, out));

        assertThat(catchThrowableOfType(WrongImageException.class, this::bring).reason())
                .isEqualTo(Reason.DigestMismatch);
        assertThat(files()).isEmpty();
    }

    /** Sends the first half, and cuts the connection after the agent has received it. */
    private void cutHalfWay(byte[] bytes) throws IOException {
        server.respond((request, out) -> {
            out.write(head(200, "ETag: \"one\"", "Content-Length: " + bytes.length));
            out.write(bytes, 0, HALF);
            out.flush();
            server.awaitClose();
        });
        IllegalStateException death = new IllegalStateException("dead");
        assertThat(catchThrowable(() -> bring(done -> {
                    if (done == HALF) {
                        throw death;
                    }
                })))
                .isSameAs(death);
    }

    private static void answer(byte[] bytes, String version, Request request, OutputStream out) throws IOException {
        int from = request.header("if-range").filter(version::equals).isPresent()
                ? request.rangeStart().orElse(0)
                : 0;
        String length = "Content-Length: " + (bytes.length - from);
        out.write(
                from == 0
                        ? head(200, "ETag: " + version, length)
                        : head(
                                206,
                                "ETag: " + version,
                                length,
                                "Content-Range: bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length));
        out.write(bytes, from, bytes.length - from);
    }

    private void bring() throws IOException {
        bring(done -> {});
    }

    private void bring(LongConsumer hears) throws IOException {
        ImageSource source =
                new WebFile(new HttpsSource(server.url("/image"), certificate.authority(), null), Optional.empty());
        new Importer(
                        ImageCopies.NODE,
                        copy -> (staged, wanted, progress) ->
                                source.fetch(staged, wanted, (done, total) -> hears.accept(done)),
                        Failpoints.none())
                .run(ImageCopies.of(location, "", Sha256.of(image)), folder, ImageCopies.UNHEARD);
    }

    private Path published() {
        return location.resolve(".images").resolve(ImageCopies.IMAGE.toString());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> tree = Files.walk(location)) {
            return tree.filter(Files::isRegularFile).toList();
        }
    }

    private static byte[] disk(int seed) {
        byte[] disk = new byte[2 * HALF];
        new Random(seed).nextBytes(disk);
        disk[510] = 0x55;
        disk[511] = (byte) 0xAA;
        return disk;
    }
}
