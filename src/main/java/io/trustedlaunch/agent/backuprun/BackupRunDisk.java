package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backup.DiskExport;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.backup.DiskName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A disk of the guest.
 *
 * @param name of its export, and in the backup
 * @param virtualBytes its size as the guest sees it
 * @param storedBytes what its file has now
 */
record BackupRunDisk(String name, Path path, long virtualBytes, long storedBytes) {
    /** The disks are in the order of their names, as in descriptions. */
    static List<BackupRunDisk> of(VMIncarnationSpec.Machine machine, VmFolder folder) throws IOException {
        List<BackupRunDisk> disks = new ArrayList<>();
        for (VMIncarnationSpec.Disk disk : machine.dataDisks()) {
            disks.add(at(DiskName.ofData(disk.identity()), folder.dataDisk(disk.identity())));
        }
        disks.add(at(DiskName.ROOT, folder.osDisk()));
        disks.sort(Comparator.comparing(BackupRunDisk::name));
        return List.copyOf(disks);
    }

    private static BackupRunDisk at(String name, Path path) throws IOException {
        if (ImageInspector.backingOfQcow2(path).flatMap(FillBacking::parse).isPresent()) {
            throw new RefusedException(
                    Reason.DisksFilling,
                    "disk " + path
                            + " is still filled from the backup that the VM was started from; back it up once it is"
                            + " whole");
        }
        long virtualBytes = ImageInspector.virtualSizeOfQcow2(path)
                .orElseThrow(() -> new RefusedException(
                        Reason.DiskUnusable,
                        "disk " + path + " is not what the agent made: somebody changed or replaced it. Restore it"));
        return new BackupRunDisk(name, path, virtualBytes, Files.size(path));
    }

    DiskExport exportAt(Path socket) {
        return new DiskExport(socket, name);
    }
}
