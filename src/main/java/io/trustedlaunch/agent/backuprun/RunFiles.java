package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backuprun.record.BackupRunRecord;
import io.trustedlaunch.agent.disks.DiskTool;
import io.trustedlaunch.agent.host.HypervisorAccount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * Where the files of runs are while they are made.
 *
 * @param disks makes scratch files
 * @param sockets a folder for QEMU's sockets, which is made
 */
public record RunFiles(HypervisorAccount account, DiskTool disks, Path sockets) {
    /** Empty if the run never had a folder. */
    Optional<BackupRunStaging> staging(BackupRunRecord record) {
        return record.folder().map(folder -> new BackupRunStaging(folder, record.run(), account, disks));
    }

    /** The socket of the VM's QEMU, while it has a backup. */
    Path socket(UUID vm) {
        return sockets.resolve(vm.toString());
    }

    void makeSockets() throws IOException {
        account.makeOwn(sockets);
    }

    void removeSocket(UUID vm) throws IOException {
        Files.deleteIfExists(socket(vm));
    }
}
