package io.trustedlaunch.testkit;

import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.custody.PullCredentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * A real S3 server, versitygw, on a folder, with TLS and a certificate of an authority of its own. {@code bin/setup --tests}
 * builds it, and {@code bin/lab env} has it in the path.
 */
public final class S3Server implements AutoCloseable {
    public static final PullCredentials.Basic ACCOUNT = (PullCredentials.Basic)
            PullCredentials.basic("backups", UUID.randomUUID().toString());

    private static final long TIMEOUT = TimeUnit.SECONDS.toNanos(30);

    private final Path folder;
    private final ServerCertificate certificate;
    private final String host;
    private final int port;
    private Process process;

    /** On localhost. */
    public S3Server(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        this(folder, "localhost", ServerCertificate.make(folder.resolve("tls"), 2));
    }

    /** @param host on which it listens, and which the certificate names */
    public S3Server(Path folder, String host, ServerCertificate certificate) throws IOException, InterruptedException {
        this.folder = folder;
        this.certificate = certificate;
        this.host = host;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName(host))) {
            this.port = free.getLocalPort();
        }
        Files.createDirectories(folder.resolve("buckets"));
        start();
    }

    /** The buckets are folders. */
    public Path bucket(String name) throws IOException {
        return Files.createDirectories(folder.resolve("buckets").resolve(name));
    }

    /** Earlier versions of objects, of buckets that keep them. */
    public Path versions() throws IOException {
        return Files.createDirectories(folder.resolve("versions"));
    }

    /** Has the bucket keep the versions of its objects. */
    public void keepVersions(String bucket) throws IOException {
        Files.write(settings(bucket).resolve("versioning"), new byte[] {1});
    }

    /** Has the bucket lock each of its objects for a day. */
    public void lock(String bucket) throws IOException {
        Files.writeString(
                settings(bucket).resolve("bucket-lock"),
                "{\"Enabled\": true, \"DefaultRetention\": {\"Mode\": \"COMPLIANCE\", \"Days\": 1}, \"CreatedAt\": \""
                        + Instant.now() + "\"}");
    }

    private Path settings(String bucket) throws IOException {
        return Files.createDirectories(
                folder.resolve("metadata").resolve(bucket).resolve("meta"));
    }

    /** Does nothing while it runs. */
    public void start() throws IOException, InterruptedException {
        if (process != null && process.isAlive()) {
            return;
        }
        Path settings = Files.createDirectories(folder.resolve("settings"));
        ProcessBuilder builder = new ProcessBuilder(
                        "versitygw",
                        "--port",
                        host + ":" + port,
                        "--cert",
                        certificate.folder().resolve("server.crt").toString(),
                        "--key",
                        certificate.folder().resolve("server.key").toString(),
                        "--iam-dir",
                        settings.toString(),
                        "posix",
                        "--sidecar",
                        Files.createDirectories(folder.resolve("metadata")).toString(),
                        "--versioning-dir",
                        versions().toString(),
                        folder.resolve("buckets").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("server.log").toFile());
        // A test's account in a test's process.
        builder.environment().put("ROOT_ACCESS_KEY", ACCOUNT.user());
        builder.environment().put("ROOT_SECRET_KEY", ACCOUNT.password());
        process = builder.start();
        awaitListening();
    }

    private void awaitListening() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TIMEOUT;
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(host, port), 1000);
                return;
            } catch (IOException e) {
                if (System.nanoTime() > deadline || process.waitFor(50, TimeUnit.MILLISECONDS)) {
                    throw new IOException("versitygw does not listen: " + Files.readString(log()), e);
                }
            }
        }
    }

    public Path log() {
        return folder.resolve("server.log");
    }

    public int port() {
        return port;
    }

    public String endpoint() {
        return "https://" + host + ":" + port;
    }

    /** A bucket, and the prefix in it. */
    public S3 location(String bucket, String prefix) throws IOException {
        bucket(bucket);
        return BackupLocationSpecS3Builder.builder()
                .endpoint(endpoint())
                .bucket(bucket)
                .prefix(prefix)
                .secretRef(new ObjectRef("s3"))
                .caBundle(certificate.authority())
                .build();
    }

    public void stop() {
        // It takes its time otherwise, for connections that clients keep.
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
        try {
            Files.deleteIfExists(log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
