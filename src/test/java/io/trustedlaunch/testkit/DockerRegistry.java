package io.trustedlaunch.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.custody.ServerTrust;
import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/** Debian's docker-registry as a process with TLS; {@code bin/setup --tests} installs it. */
public final class DockerRegistry implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on [^ ]+:([0-9]+), tls");
    private static final String LOCALHOST = "localhost";
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final byte[] CONFIGURATION = "{}".getBytes(UTF_8);
    private static final int BCRYPT_COST = 4;

    private final Path folder;
    private final ServerCertificate certificate;
    private final String host;
    private final HttpClient client;
    private final String authentication;
    private Process process;
    private int port;

    private DockerRegistry(Path folder, ServerCertificate certificate, String host, String authentication)
            throws IOException {
        this.folder = Files.createDirectories(folder);
        this.certificate = certificate;
        this.host = host;
        this.authentication = authentication;
        this.client = HttpClient.newBuilder()
                .sslContext(ServerTrust.only(certificate.authority()))
                .build();
        start();
    }

    /** A registry that requires this user and password. */
    public static DockerRegistry withPassword(Path folder, ServerCertificate certificate, String user, String password)
            throws IOException {
        return withPassword(folder, certificate, LOCALHOST, user, password);
    }

    /** @param host the address to listen on, which the certificate names */
    public static DockerRegistry withPassword(
            Path folder, ServerCertificate certificate, String host, String user, String password) throws IOException {
        String hash =
                OpenBSDBCrypt.generate("2y", password.toCharArray(), "0123456789abcdef".getBytes(UTF_8), BCRYPT_COST);
        Path file = Files.writeString(Files.createDirectories(folder).resolve("htpasswd"), user + ":" + hash + "\n");
        return new DockerRegistry(folder, certificate, host, "{htpasswd: {realm: test, path: " + file + "}}");
    }

    /** A registry that accepts tokens signed with the key of its own certificate. */
    public static DockerRegistry withTokens(Path folder, ServerCertificate certificate, String realm)
            throws IOException {
        return new DockerRegistry(
                folder,
                certificate,
                LOCALHOST,
                "{token: {realm: \"" + realm + "\", service: test, issuer: test, rootcertbundle: "
                        + certificate.folder().resolve("ca.crt") + "}}");
    }

    /** Starts it, on its earlier port if it ran before. */
    public void start() throws IOException {
        Path log = folder.resolve("log");
        Files.deleteIfExists(log);
        Path configuration = Files.writeString(folder.resolve("config.yml"), """
                version: 0.1
                log: {level: info, accesslog: {disabled: true}}
                storage: {filesystem: {rootdirectory: %s}}
                auth: %s
                http: {addr: "%s:%d", secret: test, tls: {certificate: %s, key: %s}}
                """.formatted(
                        folder.resolve("storage"),
                        authentication,
                        host,
                        port,
                        certificate.folder().resolve("server.crt"),
                        certificate.folder().resolve("server.key")));
        process = new ProcessBuilder("docker-registry", "serve", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        port = Awaitility.await(log + " to name the registry's port")
                .atMost(30, TimeUnit.SECONDS)
                .until(() -> listening(Files.readString(log)), Optional::isPresent)
                .orElseThrow();
    }

    private Optional<Integer> listening(String log) {
        if (!process.isAlive()) {
            throw new AssertionError("docker-registry ended: " + log);
        }
        Matcher matcher = LISTENING.matcher(log);
        return matcher.find() ? Optional.of(Integer.parseInt(matcher.group(1))) : Optional.empty();
    }

    /** Ends it with SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    public String authority() {
        return host + ":" + port;
    }

    /** Pushes an artifact as {@code oras push} does, and returns its manifest. */
    public String pushArtifact(String repository, String tag, String authorization, byte[]... layers)
            throws IOException, InterruptedException {
        List<String> descriptors = new ArrayList<>();
        for (byte[] layer : layers) {
            pushBlob(repository, layer, authorization);
            descriptors.add(descriptor(layer));
        }
        pushBlob(repository, CONFIGURATION, authorization);
        String manifest = "{\"schemaVersion\": 2, \"mediaType\": \"" + MANIFEST + "\", \"config\": "
                + descriptor(CONFIGURATION) + ", \"layers\": [" + String.join(",", descriptors) + "]}";
        pushManifest(repository, tag, MANIFEST, manifest, authorization);
        return manifest;
    }

    private static String descriptor(byte[] blob) {
        return "{\"mediaType\": \"application/octet-stream\", \"digest\": \"sha256:" + Sha256.of(blob)
                + "\", \"size\": " + blob.length + "}";
    }

    private void pushBlob(String repository, byte[] blob, String authorization)
            throws IOException, InterruptedException {
        String uploads = "https://" + authority() + "/v2/" + repository + "/blobs/uploads/";
        String location = send(request(uploads, authorization).POST(BodyPublishers.noBody()), 202)
                .headers()
                .firstValue("Location")
                .orElseThrow();
        send(
                request(location + "&digest=sha256:" + Sha256.of(blob), authorization)
                        .header("Content-Type", "application/octet-stream")
                        .PUT(BodyPublishers.ofByteArray(blob)),
                201);
    }

    public void pushManifest(String repository, String tag, String mediaType, String manifest, String authorization)
            throws IOException, InterruptedException {
        send(
                request("https://" + authority() + "/v2/" + repository + "/manifests/" + tag, authorization)
                        .header("Content-Type", mediaType)
                        .PUT(BodyPublishers.ofString(manifest)),
                201);
    }

    private static HttpRequest.Builder request(String uri, String authorization) {
        return HttpRequest.newBuilder(URI.create(uri)).header("Authorization", authorization);
    }

    private HttpResponse<String> send(HttpRequest.Builder request, int status)
            throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
        if (response.statusCode() != status) {
            throw new AssertionError(response + ": " + response.body());
        }
        return response;
    }

    @Override
    public void close() throws InterruptedException {
        kill();
        client.close();
    }
}
