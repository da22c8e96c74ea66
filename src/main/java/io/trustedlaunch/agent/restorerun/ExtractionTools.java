package io.trustedlaunch.agent.restorerun;

import io.trustedlaunch.agent.backup.BackupExtraction;
import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.api.restore.RestoreRunSpec;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.ReadProgress;
import io.trustedlaunch.custody.RestoreEnvelope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * Makes the files of a restore from its backup.
 *
 * @param envelopes opens what the run has for this node
 * @param stores opens a backup location
 */
public record ExtractionTools(
        EnvelopeOpener<RestoreEnvelope.Address, RestoreEnvelope.Content> envelopes,
        RestoreStores stores,
        BackupExtraction.DiskMaker disks,
        HypervisorAccount account) {
    /**
     * @param address of the run's envelope: this node, and the VM of which the backup is
     * @param choice returns the disks that are to be made; may throw to refuse the backup
     */
    BackupExtraction.Result extract(
            RestoreEnvelope.Address address,
            RestoreRunSpec spec,
            Path staging,
            ReadProgress progress,
            Function<BackupDescription, List<BackupDescription.Disk>> choice)
            throws IOException {
        BackupRef wanted = new BackupRef(
                new BackupId(address.vm(), UUID.fromString(spec.backup().uid())),
                spec.backup().indexSHA256());
        try (RestoreEnvelope.Content content =
                envelopes.open(Base64.getDecoder().decode(spec.envelope()), address)) {
            Optional<UUID> fill =
                    spec.startsAtOnce() ? Optional.of(UUID.fromString(address.restoreRun())) : Optional.empty();
            return new BackupExtraction(stores.open(spec.location(), content.grant()), account, disks, fill, progress)
                    .extract(wanted, content.keys(), staging, choice);
        }
    }
}
