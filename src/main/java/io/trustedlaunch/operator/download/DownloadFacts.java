package io.trustedlaunch.operator.download;

import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.custody.VerifiedCertificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The facts from which it is decided who serves a download.
 *
 * @param backup named by the download, in its namespace
 * @param location of the backup
 */
record DownloadFacts(
        VMBackupDownload download,
        Optional<VMBackup> backup,
        Optional<BackupLocation> location,
        List<Node> nodes,
        Instant now) {
    /**
     * A node that may serve it.
     *
     * @param alive whether its agent is
     * @param recipient to whom the keys would be sealed
     */
    record Node(ClusterNode node, boolean alive, Result<VerifiedCertificate> recipient) {
        String name() {
            return node.getMetadata().getName();
        }
    }
}
