package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backup.DiskExport;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.backup.BackupFileName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A disk of the guest.
 *
 * @param name of its export
 * @param file its name in the backup
 * @param virtualBytes its size as the guest sees it
 * @param storedBytes what its file has now
 */
record BackupRunDisk(String name, String file, Path path, long virtualBytes, long storedBytes) {
    /** The disks are in the order of their files, as in descriptions. */
    static List<BackupRunDisk> of(VMIncarnationSpec.Machine machine, VmFolder folder) throws IOException {
        List<BackupRunDisk> disks = new ArrayList<>();
        for (VMIncarnationSpec.Disk disk : machine.dataDisks()) {
            disks.add(at("data-" + disk.name(), BackupFileName.ofDataDisk(disk.name()), folder.dataDisk(disk.name())));
        }
        disks.add(at("root", BackupFileName.ROOT_DISK, folder.osDisk()));
        disks.sort((one, other) -> one.file().compareTo(other.file()));
        return List.copyOf(disks);
    }

    private static BackupRunDisk at(String name, String file, Path path) throws IOException {
        long virtualBytes = ImageInspector.virtualSizeOfQcow2(path)
                .orElseThrow(() -> new RefusedException(
                        Reason.DiskUnusable,
                        "disk " + path + " is not what the agent made: somebody changed or replaced it. Restore it"));
        return new BackupRunDisk(name, file, path, virtualBytes, Files.size(path));
    }

    DiskExport exportAt(Path socket) {
        return new DiskExport(socket, name);
    }
}
