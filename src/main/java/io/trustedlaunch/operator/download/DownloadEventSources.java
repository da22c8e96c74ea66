package io.trustedlaunch.operator.download;

import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Events of a backup trigger the downloads that name it; events of locations and nodes trigger all downloads, which are few. */
final class DownloadEventSources {
    private static final String BY_BACKUP = "backup";

    private final Watches<VMBackupDownload> watches;
    private final WatchCache<VMBackup> backups;
    private final WatchCache<BackupLocation> locations;
    private final WatchCache<ClusterNode> nodes;

    DownloadEventSources(EventSourceContext<VMBackupDownload> context) {
        IndexerResourceCache<VMBackupDownload> downloads = context.getPrimaryCache();
        downloads.addIndexer(
                BY_BACKUP,
                download -> List.of(key(
                        download.getMetadata().getNamespace(),
                        download.getSpec().backupRef().name())));
        this.watches = new Watches<>(context);
        this.backups = watches.of(VMBackup.class)
                .onChangeOf(backup -> backup.status().map(VMBackupStatus::phase))
                .triggersEach(backup -> downloads.byIndex(
                        BY_BACKUP,
                        key(
                                backup.getMetadata().getNamespace(),
                                backup.getMetadata().getName())));
        this.locations = watches.of(BackupLocation.class).triggersAll();
        this.nodes = watches.of(ClusterNode.class)
                .onChangeOf(DownloadEventSources::endpoint)
                .triggersAll();
    }

    List<EventSource<?, VMBackupDownload>> all() {
        return watches.all();
    }

    Optional<VMBackup> backup(VMBackupDownload download) {
        return backups.get(
                download.getMetadata().getNamespace(),
                download.getSpec().backupRef().name());
    }

    Optional<BackupLocation> location(String name) {
        return locations.get(name);
    }

    Stream<ClusterNode> nodes() {
        return nodes.stream();
    }

    private static Object endpoint(ClusterNode node) {
        Optional<ClusterNodeStatus> status = node.status();
        return List.of(
                status.map(ClusterNodeStatus::address),
                status.map(ClusterNodeStatus::consolePort),
                status.map(ClusterNodeStatus::sealingCertificate),
                status.map(ClusterNodeStatus::conditions));
    }

    private static String key(String namespace, String backup) {
        return namespace + "/" + backup;
    }
}
