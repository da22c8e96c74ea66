package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.disks.DiskTool;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** The scratch files of a run's QEMU, in a folder of their own beside the disks: QEMU writes there anyway. */
record BackupRunStaging(VmFolder vm, UUID run, HypervisorAccount account, DiskTool tool) {
    Path folder() {
        return vm.backup(run);
    }

    /** Makes the folder. What earlier runs have left is removed: the guest runs here now, and has one backup at a time. */
    void make() throws IOException {
        for (Path earlier : ofAllRuns()) {
            delete(earlier);
        }
        account.makePassage(folder());
    }

    private List<Path> ofAllRuns() throws IOException {
        try (Stream<Path> files = Files.list(vm.path())) {
            return files.filter(VmFolder::isBackup).toList();
        }
    }

    Path scratch(BackupRunDisk disk) {
        return folder().resolve("scratch-" + disk.name() + ".qcow2");
    }

    /** An empty disk in place of one that an earlier attempt has used: QEMU would take what is in it for the disk's. */
    void makeScratch(BackupRunDisk disk) throws IOException {
        Files.deleteIfExists(scratch(disk));
        account.give(Files.createFile(scratch(disk)));
        tool.create(scratch(disk), disk.virtualBytes());
    }

    /** Called once no backup uses them. */
    void removeScratch(BackupRunDisk disk) throws IOException {
        Files.deleteIfExists(scratch(disk));
    }

    void remove() throws IOException {
        if (Files.isDirectory(vm.path(), LinkOption.NOFOLLOW_LINKS)) {
            delete(folder());
        }
    }

    private void delete(Path tree) throws IOException {
        new FileTree(vm.location(), vm.location().relativize(tree)).delete();
    }
}
