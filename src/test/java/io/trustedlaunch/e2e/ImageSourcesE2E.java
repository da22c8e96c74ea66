package io.trustedlaunch.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpec.HttpsSource;
import io.trustedlaunch.api.image.GuestImageSpec.OciSource;
import io.trustedlaunch.api.image.GuestImageSpec.Source;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.testkit.DockerRegistry;
import io.trustedlaunch.testkit.LabOrder;
import io.trustedlaunch.testkit.RawHttpsServer;
import io.trustedlaunch.testkit.RawHttpsServer.Request;
import io.trustedlaunch.testkit.ServerCertificate;
import io.trustedlaunch.testkit.TestImage;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images from servers that require credentials. */
@LabOrder(LabOrder.Place.LAST)
class ImageSourcesE2E {
    private static final String GUEST = "guest";
    private static final String PATH = "/blank.raw";
    private static final String AUTHORIZATION =
            "Basic " + Base64.getEncoder().encodeToString("ada:right".getBytes(UTF_8));

    @TempDir
    private Path folder;

    @Test
    void anImageComesFromAServerOverACutConnectionAfterItsCredentialsWereCorrected() throws Exception {
        try (Stage stage = Stage.open("https")) {
            byte[] image = TestImage.blank().bytes();
            ServerCertificate certificate = stage.serverCertificate(folder);
            try (RawHttpsServer server = new RawHttpsServer(certificate, stage.address())) {
                server.respond((request, out) -> answer(image, request, out));
                Secret secret = stage.create(credentials(stage, "wrong"));
                String name = stage.create(stage.imageFrom(new Source(
                                null, new HttpsSource(server.url(PATH), certificate.authority(), ref(secret)), null)))
                        .getMetadata()
                        .getName();
                stage.create(stage.vmInFirmware(GUEST).image(name));

                stage.awaitNotReady(
                        GUEST,
                        Reason.ImageAccessDenied,
                        URI.create(server.url(PATH)).getHost());
                stage.client.resource(credentials(stage, "right")).update();
                stage.awaitRunning(GUEST);

                List<Request> authorized = server.requests().stream()
                        .filter(request -> request.header("authorization")
                                .filter(AUTHORIZATION::equals)
                                .isPresent())
                        .toList();
                assertThat(authorized.getFirst().rangeStart()).isEmpty();
                assertThat(authorized.getLast().rangeStart()).contains(image.length / 2);
                assertThat(stage.client.resources(ImageCopy.class).list().getItems())
                        .filteredOn(copy -> copy.getSpec().image().name().equals(name))
                        .allSatisfy(copy -> assertThat(copy.getSpec().source().wantsCredentials())
                                .isTrue());
                stage.client.resources(GuestImage.class).withName(name).delete();
                stage.client.resource(secret).delete();
            }
        }
    }

    @Test
    void anImageComesFromARegistryWithAPullSecret() throws Exception {
        try (Stage stage = Stage.open("oci")) {
            byte[] image = TestImage.blank().bytes();
            ServerCertificate certificate = stage.serverCertificate(folder);
            try (DockerRegistry registry = DockerRegistry.withPassword(
                    folder.resolve("registry"), certificate, stage.address(), "ada", "right")) {
                registry.pushArtifact("images/proof", "1", AUTHORIZATION, image);
                Secret secret = stage.create(pullSecret(stage, registry.authority()));
                String name = stage.create(stage.imageFrom(new Source(
                                null,
                                null,
                                new OciSource(
                                        registry.authority() + "/images/proof:1",
                                        certificate.authority(),
                                        ref(secret)))))
                        .getMetadata()
                        .getName();
                stage.create(stage.vmInFirmware(GUEST).image(name));
                stage.awaitRunning(GUEST);
                stage.client.resources(GuestImage.class).withName(name).delete();
                stage.client.resource(secret).delete();
            }
        }
    }

    /** A request for the whole image gets half of it, and then the connection breaks. */
    private static void answer(byte[] image, Request request, OutputStream out) throws IOException {
        if (request.header("authorization").filter(AUTHORIZATION::equals).isEmpty()) {
            out.write(RawHttpsServer.head(401, "WWW-Authenticate: Basic realm=\"images\"", "Content-Length: 0"));
            return;
        }
        int from = request.rangeStart().orElse(0);
        if (from == 0) {
            out.write(RawHttpsServer.head(200, "ETag: \"one\"", "Content-Length: " + image.length));
            out.write(image, 0, image.length / 2);
            throw new RawHttpsServer.CutException();
        }
        out.write(RawHttpsServer.head(
                206,
                "ETag: \"one\"",
                "Content-Range: bytes " + from + "-" + (image.length - 1) + "/" + image.length,
                "Content-Length: " + (image.length - from)));
        out.write(image, from, image.length - from);
    }

    private static Secret credentials(Stage stage, String password) {
        return new SecretBuilder()
                .withMetadata(Stage.meta("pull-" + stage.nonce, Stage.OPERATOR_NAMESPACE))
                .withType("kubernetes.io/basic-auth")
                .withStringData(Map.of("username", "ada", "password", password))
                .build();
    }

    private static Secret pullSecret(Stage stage, String registry) {
        return new SecretBuilder()
                .withMetadata(Stage.meta("registry-" + stage.nonce, Stage.OPERATOR_NAMESPACE))
                .withType("kubernetes.io/dockerconfigjson")
                .withStringData(Map.of(
                        ".dockerconfigjson",
                        "{\"auths\": {\"" + registry + "\": {\"username\": \"ada\", \"password\": \"right\"}}}"))
                .build();
    }

    private static ObjectRef ref(Secret secret) {
        return new ObjectRef(secret.getMetadata().getName());
    }
}
