package io.trustedlaunch.e2e;

import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.backup.BackupContent;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupDescriptionBuilder;
import io.trustedlaunch.backup.BackupFile;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.SealedDescription;
import io.trustedlaunch.custody.BackupDescriptionKey;
import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * A backup with another description, as a node can make it that had the VM's key: its digests and its record agree. Closing it undoes
 * all that.
 */
final class ForgedBackup implements AutoCloseable {
    private static final List<String> CHANGED = List.of(BackupFileName.DESCRIPTION, BackupFileName.INDEX);

    private final Resource<VMBackup> record;
    private final Path folder;
    private final Map<String, byte[]> originals = new HashMap<>();
    private final String digest;

    /** @param folder of the backup in its location */
    ForgedBackup(Stage stage, String name, Path folder, UnaryOperator<BackupDescription.Disk> disk) throws IOException {
        this.folder = folder;
        this.record = stage.client
                .resources(VMBackup.class)
                .inNamespace(stage.namespace)
                .withName(name);
        VMBackupStatus status = record.get().getStatus();
        this.digest = status.result().indexSHA256();
        for (String file : CHANGED) {
            originals.put(file, Files.readAllBytes(folder.resolve(file)));
        }
        UUID vm = UUID.fromString(status.vmUID());
        try (BackupDescriptionKey sealing = stage.protectionKey(status.vmUID()).backupDescriptionKey(vm)) {
            forge(disk, sealing);
        }
    }

    private void forge(UnaryOperator<BackupDescription.Disk> disk, BackupDescriptionKey key) throws IOException {
        BackupIndex index =
                ((BackupIndex.Opening.Opened) BackupIndex.parse(originals.get(BackupFileName.INDEX))).index();
        BackupDescription description = ((SealedDescription.Opening.Opened)
                        SealedDescription.open(originals.get(BackupFileName.DESCRIPTION), index, key))
                .description();
        BackupContent content = index.content();
        byte[] sealed = SealedDescription.seal(
                BackupDescriptionBuilder.builder(description)
                        .disks(description.disks().stream().map(disk).toList())
                        .build(),
                key,
                new SecureRandom());
        BackupIndex forged =
                content.index(new BackupFile(BackupFileName.DESCRIPTION, sealed.length, Sha256.of(sealed)));
        Files.write(folder.resolve(BackupFileName.DESCRIPTION), sealed);
        Files.write(folder.resolve(BackupFileName.INDEX), forged.encoded());
        putOnRecord(forged.ref().indexSHA256());
    }

    /** As the operator does, which has it from the node. */
    private void putOnRecord(String indexSha256) {
        record.subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": {\"result\": {\"indexSHA256\": \"" + indexSha256 + "\"}}}");
    }

    @Override
    public void close() throws IOException {
        for (String file : CHANGED) {
            Files.write(folder.resolve(file), originals.get(file));
        }
        putOnRecord(digest);
    }
}
