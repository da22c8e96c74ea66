package io.trustedlaunch.agent.download;

import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.restorerun.RestoreStores;
import io.trustedlaunch.agent.run.RunFaults;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.Finding;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.OpenedBackup;
import io.trustedlaunch.backup.pack.PackFiles;
import io.trustedlaunch.backup.pack.SavedDisk;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.PackKeys;
import io.trustedlaunch.custody.RestoreEnvelope;
import java.io.IOException;
import java.util.Base64;

/**
 * Opens disks of backups.
 *
 * @param envelopes opens what a VMBackupDownload has for this node
 * @param stores opens a backup location
 */
public record SavedDisks(
        EnvelopeOpener<RestoreEnvelope.Address, RestoreEnvelope.Content> envelopes, RestoreStores stores) {
    /** Reads a disk. */
    @FunctionalInterface
    interface Use {
        void use(SavedDisk disk) throws IOException;
    }

    /**
     * The keys are overwritten when this returns.
     *
     * @throws RefusedException if the envelope is for another session, or the backup cannot be used
     */
    void open(DownloadSession session, Use use) throws IOException {
        try (RestoreEnvelope.Content content = envelopes.open(sealed(session), session.address())) {
            BackupStore store = stores.open(session.location(), content.grant());
            switch (OpenedBackup.open(store, session.backup(), content.keys().description())) {
                case OpenedBackup.Opening.Unusable(Finding finding) ->
                    throw new RefusedException(RunFaults.ofBackup(finding.fault(), finding.message()));
                case OpenedBackup.Opening.Opened(OpenedBackup backup) ->
                    use.use(disk(backup.description(), session, store, content.keys()));
            }
        }
    }

    private static byte[] sealed(DownloadSession session) {
        try {
            return Base64.getDecoder().decode(session.envelope());
        } catch (IllegalArgumentException e) {
            throw new RefusedException(
                    Reason.EnvelopeRefused, "the envelope of VMBackupDownload " + session.name() + " is damaged", e);
        }
    }

    private static SavedDisk disk(
            BackupDescription description, DownloadSession session, BackupStore store, BackupKeys keys) {
        BackupDescription.Disk disk = description
                .disk(session.disk())
                .orElseThrow(() -> new RefusedException(
                        Reason.DownloadRefused,
                        "backup " + session.backup().id().backup() + " has no disk " + session.disk() + "; it has "
                                + String.join(
                                        ", ",
                                        description.disks().stream()
                                                .map(BackupDescription.Disk::name)
                                                .toList())));
        return new SavedDisk(
                Geometry.STANDARD,
                new PackFiles(store, session.vm()),
                new PackKeys(keys.packSecret()),
                disk.map(),
                disk.virtualBytes());
    }
}
