package io.trustedlaunch.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.backup.StoreMarker;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.RawHttpsServer;
import io.trustedlaunch.testkit.S3Server;
import io.trustedlaunch.testkit.ServerCertificate;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/** A bucket that answers each request for a list with as much as is read, without an end. */
final class HostileBucket {
    private static final int ANSWER = 2 << 20;
    /** As many as a list may have. */
    private static final int PAGES = 100;

    private static final int BACKUPS = 2;
    private static final String KEYS = "<Contents><Key>a</Key></Contents>";

    private HostileBucket() {}

    /** While the files of a few backups are removed. */
    static void measure(Stand stand, List<Figure> figures) throws Exception {
        double before = Allowed.live(stand);
        double most = 0;
        AtomicInteger pages = new AtomicInteger();
        ServerCertificate certificate = ServerCertificate.make(stand.root().resolve("s3"), 2);
        String page = "<ListBucketResult><NextContinuationToken>n</NextContinuationToken>"
                + KEYS.repeat(ANSWER / KEYS.length() - 4) + "</ListBucketResult>";
        try (RawHttpsServer server = new RawHttpsServer(certificate)) {
            server.respond((request, out) -> {
                boolean lists = request.target().contains("list-type=2");
                boolean isMarker = request.target().contains(StoreMarker.NAME);
                out.write(RawHttpsServer.head(lists || isMarker ? 200 : 404));
                if (isMarker) {
                    out.write(StoreMarker.encode(BackupLocations.ID));
                } else if (lists) {
                    out.write(page.getBytes(UTF_8));
                }
                pages.addAndGet(lists ? 1 : 0);
            });
            removeBackups(stand.cluster(), server.url(""), certificate);
            for (int wanted : List.of(PAGES / 4, PAGES / 2, PAGES * 3 / 4, PAGES)) {
                await(wanted + " pages").atMost(Cluster.TIMEOUT).until(() -> {
                    stand.operator().requireAlive();
                    return pages.get() >= wanted;
                });
                most = Math.max(most, Allowed.live(stand));
            }
        }
        figures.add(Figure.of("bucket: pages of 2 MiB that were read", "", pages.get()));
        figures.add(Figure.of("operator: most live heap of one bucket", "MiB", most - before));
    }

    private static void removeBackups(Cluster cluster, String url, ServerCertificate certificate) throws IOException {
        String name = Cluster.uniqueName("hostile");
        cluster.create(new SecretBuilder()
                .withNewMetadata()
                .withNamespace(Cluster.NAMESPACE)
                .withName(name)
                .endMetadata()
                .withType("kubernetes.io/basic-auth")
                .withStringData(Map.of("username", S3Server.ACCOUNT.user(), "password", S3Server.ACCOUNT.password()))
                .build());
        cluster.create(BackupLocations.named(
                name,
                BackupLocations.bucket(BackupLocationSpecS3Builder.builder()
                        .endpoint(url)
                        .bucket("vms")
                        .secretRef(new ObjectRef(name))
                        .caBundle(certificate.authority())
                        .build())));
        String namespace = cluster.namespace();
        for (int i = 0; i < BACKUPS; i++) {
            VMBackup backup = new VMBackup();
            backup.setMetadata(new ObjectMetaBuilder()
                    .withNamespace(namespace)
                    .withName("backup-" + i)
                    .withAnnotations(Map.of(Api.REMOVE_BACKUP, "true"))
                    .build());
            backup.setSpec(new VMBackupSpec(new ObjectRef("vm"), new ObjectRef(name), null));
            cluster.admin().resource(backup).create();
            complete(cluster, namespace, "backup-" + i);
        }
    }

    private static void complete(Cluster cluster, String namespace, String name) {
        new RawApi(cluster.admin())
                .merge(
                        "/apis/trustedlaunch.io/v1alpha1/namespaces/" + namespace + "/vmbackups/" + name + "/status",
                        """
                        {"status": {"phase": "Completed", "vmUID": "%s", "backupUID": "%s", "locationID": "%s",
                        "startTime": "%s", "completionTime": "%s"}}
                        """.formatted(
                                        UUID.randomUUID(),
                                        UUID.randomUUID(),
                                        BackupLocations.ID,
                                        Instant.now().plusSeconds(1).truncatedTo(ChronoUnit.SECONDS),
                                        Instant.now().plusSeconds(2).truncatedTo(ChronoUnit.SECONDS)));
    }
}
