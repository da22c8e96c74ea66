package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backuprun.record.BackupRunRecord;
import io.trustedlaunch.agent.disks.DiskTool;
import io.trustedlaunch.agent.host.HypervisorAccount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Where runs have files of their own.
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

    /** The socket of one of the disks of a VM that is off. */
    Path socket(UUID vm, int disk) {
        return sockets.resolve(vm + "." + disk);
    }

    void removeSockets(UUID vm) throws IOException {
        if (!Files.isDirectory(sockets, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> all = Files.list(sockets)) {
            List<Path> own = all.filter(one -> one.getFileName().toString().startsWith(vm.toString()))
                    .toList();
            for (Path socket : own) {
                Files.deleteIfExists(socket);
            }
        }
    }
}
