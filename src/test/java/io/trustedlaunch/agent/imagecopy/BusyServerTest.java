package io.trustedlaunch.agent.imagecopy;

import static io.trustedlaunch.testkit.RawHttpsServer.head;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.imagesource.WebFile;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageSpec.HttpsSource;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.testkit.RawHttpsServer;
import io.trustedlaunch.testkit.ServerCertificate;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Retries of a real server that is busy. */
class BusyServerTest {
    @TempDir
    private Path root;

    @TempDir
    private Path keys;

    private final byte[] image = new byte[1 << 20];
    private RawHttpsServer server;
    private ImportWorld world;

    @BeforeEach
    void startServer() throws Exception {
        image[510] = 0x55;
        image[511] = (byte) 0xAA;
        ServerCertificate certificate = ServerCertificate.make(keys.resolve("server"), 2);
        server = new RawHttpsServer(certificate);
        world = new ImportWorld(root);
        world.create(Sha256.of(image));
        world.server = Optional.of(
                new WebFile(new HttpsSource(server.url("/image"), certificate.authority(), null), Optional.empty()));
    }

    @AfterEach
    void stopServer() throws IOException {
        server.close();
    }

    @Test
    void theServerIsAskedAgainAfterItsRetryAfter() {
        server.respond((request, out) -> out.write(head(429, "Content-Length: 0", "Retry-After: 120")));
        world.pass();
        assertThat(world.reason()).isEqualTo(Reason.ImageSourceUnreachable.name());
        assertThat(world.message()).contains("answered 429");

        server.respond((request, out) -> {
            out.write(head(200, "Content-Length: " + image.length));
            out.write(image);
        });
        assertAskedAfter(120);
        assertThat(world.reason()).isEqualTo(Reason.ImageImported.name());
    }

    @Test
    void withoutRetryAfterTheDelayDoubles() {
        server.respond((request, out) -> out.write(head(503, "Content-Length: 0")));
        world.pass();

        assertAskedAfter(5);
        assertAskedAfter(10);
        assertAskedAfter(20);
    }

    private void assertAskedAfter(long seconds) {
        int before = world.fetches;
        world.later(Duration.ofSeconds(seconds - 1));
        world.pass();
        assertThat(world.fetches).isEqualTo(before);

        world.later(Duration.ofSeconds(1));
        world.pass();
        assertThat(world.fetches).isEqualTo(before + 1);
    }
}
