package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.backup.VMBackupDownloadSpec;
import io.trustedlaunch.api.backup.VMBackupDownloadStatus;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Cluster;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Downloads of disks of backups on a real API server, under the roles of the chart; the test plays the agent. */
class DownloadIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "download");

    private static final Duration PATIENCE = Cluster.TIMEOUT;

    private final UUID saved = UUID.randomUUID();
    private final ProtectionKey key = ProtectionKey.generate(new SecureRandom());
    private PlayedAgent agent;
    private String namespace;
    private String location;

    /** Of a VM that is not there any more, but for its key. */
    @BeforeEach
    void aCompletedBackup() {
        agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host-a"))).register();
        namespace = CLUSTER.namespace();
        location = Cluster.uniqueName("nas");
        CLUSTER.create(BackupLocations.named(location, BackupLocations.folder("/srv/" + location, List.of(namespace))));
        CLUSTER.create(ProtectionKeySecret.of(Cluster.NAMESPACE, saved.toString(), namespace, "payroll", key.bytes()));
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName("monday")
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef(location), BackupMode.Auto));
        CLUSTER.create(backup);
        // The operator also reports on it, that its VM is not there, but never over a status that it has not read.
        backup().subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        Serialization.asJson(Map.of(
                                "status",
                                VMBackupStatusBuilder.builder()
                                        .observedGeneration(1L)
                                        .phase(VMBackupStatus.Phase.Completed)
                                        .vmUID(saved.toString())
                                        .backupUID(UUID.randomUUID().toString())
                                        .locationID(BackupLocations.ID.toString())
                                        .startTime("2026-01-01T00:00:00Z")
                                        .completionTime("2026-01-01T00:01:00Z")
                                        .result(BackupResultBuilder.builder()
                                                .indexSHA256("0".repeat(64))
                                                .build())
                                        .build())));
    }

    @AfterEach
    void close() {
        agent.close();
    }

    @Test
    void aDownloadOpensOnANodeThatFindsTheStoreAndKeepsItsKeysUntilItIsNotOffered() throws Exception {
        Resource<VMBackupDownload> download = download();
        assertThat(awaitReason(download, Reason.NoNodeFits, status -> true).envelope())
                .isNull();

        agent.findsBackupFolder(location);
        VMBackupDownloadStatus open = awaitReason(download, Reason.DownloadOpen, status -> true);
        assertThat(open.nodeName()).isEqualTo(agent.name());
        assertThat(open.port()).isEqualTo(PlayedAgent.CONSOLE_PORT);
        try (RestoreEnvelope.Content content = agent.open(download.get());
                BackupKeys expected = BackupKeys.of(key, saved)) {
            assertThat(content.keys().packSecret()).isEqualTo(expected.packSecret());
        }
        assertThat(agent.client()
                        .resources(VMBackupDownload.class)
                        .inAnyNamespace()
                        .withField("status.nodeName", agent.name())
                        .list()
                        .getItems())
                .hasSize(1);

        CLUSTER.admin().resources(BackupLocation.class).withName(location).edit(found -> {
            found.setSpec(BackupLocations.folder("/srv/" + location, List.of("another")));
            return found;
        });
        awaitReason(download, Reason.NamespaceNotAllowed, status -> status.envelope() == null);
    }

    @Test
    void aDownloadOfABackupThatIsNotThereSaysSo() {
        Resource<VMBackupDownload> download = download();
        backup().delete();
        awaitReason(download, Reason.BackupNotUsable, status -> status.nodeName() == null);
    }

    private Resource<VMBackup> backup() {
        return CLUSTER.admin().resources(VMBackup.class).inNamespace(namespace).withName("monday");
    }

    private Resource<VMBackupDownload> download() {
        VMBackupDownload download = new VMBackupDownload();
        download.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withGenerateName("monday-")
                .build());
        download.setSpec(new VMBackupDownloadSpec(
                new ObjectRef("monday"), DiskName.ROOT, "0123456789abcdef".repeat(4), CLUSTER.adminName()));
        return CLUSTER.admin().resource(CLUSTER.admin().resource(download).create());
    }

    private VMBackupDownloadStatus awaitReason(
            Resource<VMBackupDownload> download, Reason reason, Predicate<VMBackupDownloadStatus> what) {
        return await("the download to be " + reason)
                .atMost(PATIENCE)
                .until(
                        () -> download.get().getStatus(),
                        status -> status != null
                                && ConditionType.Open.in(status.conditions())
                                        .filter(open -> open.getReason().equals(reason.name()))
                                        .isPresent()
                                && what.test(status));
    }
}
