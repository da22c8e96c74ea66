package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.api.backup.BackupLocationStatus;
import io.trustedlaunch.api.backup.MarkerOrder;
import io.trustedlaunch.api.node.ClusterNodeStatus.BackupFolder;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Which store a BackupLocation is, on a real API server, under the roles of the chart; the test plays the agents. */
class BackupLocationIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "backuplocation");

    private static final String ID = BackupLocations.ID.toString();

    private final String name = Cluster.uniqueName("nas");
    private PlayedAgent a;
    private PlayedAgent b;

    @BeforeEach
    void startTwoAgents() {
        a = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-a"))).register();
        b = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-b"))).register();
    }

    @AfterEach
    void stopThem() {
        a.close();
        b.close();
    }

    private Resource<BackupLocation> location() {
        return CLUSTER.admin().resources(BackupLocation.class).withName(name);
    }

    private BackupLocationStatus awaitReady(String status, Reason reason, String part) {
        return await("Ready of " + name + " to be " + status + ", " + reason + ": " + part)
                .atMost(Cluster.TIMEOUT)
                .until(
                        () -> location().get().getStatus(),
                        found -> Optional.ofNullable(found)
                                .flatMap(known -> ConditionType.Ready.in(known.conditions()))
                                .filter(ready -> ready.getStatus().equals(status))
                                .filter(ready -> ready.getReason().equals(reason.name()))
                                .map(Condition::getMessage)
                                .filter(message -> message.contains(part))
                                .isPresent());
    }

    private void set(String id, MarkerOrder order) {
        location()
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        CLUSTER.admin()
                                .getKubernetesSerialization()
                                .asJson(Map.of(
                                        "metadata",
                                        Map.of("annotations", Map.of(Api.INITIALIZE, order.text())),
                                        "spec",
                                        Map.of("id", id))));
    }

    @Test
    void aFolderSaysNodeByNodeWhetherItIsTheStore() {
        BackupFolder unmarked =
                BackupFolder.unmarked(name, new Problem(Reason.MarkerMissing, "the folder has no marker"));
        CLUSTER.create(BackupLocations.named(
                name,
                BackupLocationSpecBuilder.builder(BackupLocations.folder("/srv/backups", List.of()))
                        .id(null)
                        .build()));
        a.reportBackupFolder(unmarked);
        b.reportBackupFolder(unmarked);
        awaitReady("False", Reason.BackupLocationNotInitialized, "kubectl tlvm backup location init " + name);

        set(ID, new MarkerOrder(Instant.now(), ID, Optional.of(a.name())));
        awaitReady("False", Reason.MarkerMissing, "it is being made");
        a.findsBackupFolder(name);
        BackupLocationStatus status = awaitReady("False", Reason.MarkerMissing, "it can be used on " + a.name());
        assertThat(status.id()).isEqualTo(ID);
        assertThat(status.nodes())
                .filteredOn(BackupLocationStatus.Node::ready)
                .extracting(BackupLocationStatus.Node::nodeName)
                .containsExactly(a.name());
        b.findsBackupFolder(name);
        awaitReady("True", Reason.BackupLocationReady, b.name());
    }

    /** The operator makes the marker, by a conditional write. */
    @Test
    void aBucketGetsItsMarkerOnceAPersonHasItMade(@TempDir Path folder) throws Exception {
        String account = Cluster.uniqueName("s3");
        CLUSTER.create(new SecretBuilder()
                .withNewMetadata()
                .withNamespace(Cluster.NAMESPACE)
                .withName(account)
                .endMetadata()
                .withType("kubernetes.io/basic-auth")
                .withStringData(Map.of("username", S3Server.ACCOUNT.user(), "password", S3Server.ACCOUNT.password()))
                .build());
        try (S3Server server = new S3Server(folder)) {
            S3 bucket = BackupLocationSpecS3Builder.builder(server.unmarked("vms", "new"))
                    .secretRef(new ObjectRef(account))
                    .build();
            CLUSTER.create(BackupLocations.named(
                    name,
                    BackupLocationSpecBuilder.builder(BackupLocations.bucket(bucket))
                            .id(null)
                            .build()));
            awaitReady("False", Reason.BackupLocationNotInitialized, "adopt " + name);
            assertThat(server.bucket("vms").resolve("new")).doesNotExist();

            set(ID, new MarkerOrder(Instant.now(), ID, Optional.empty()));
            assertThat(awaitReady("True", Reason.BackupLocationReady, "in the bucket")
                            .bucketID())
                    .isEqualTo(ID);
            assertThat(Files.readString(server.bucket("vms").resolve("new/backup-location.json")))
                    .isEqualTo("{\"format\":1,\"id\":\"" + ID + "\"}");
        }
    }
}
