package io.trustedlaunch.agent.restorerun;

import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Where the layers of a backup are while their disks are made. They are compared while they are copied there, and read again
 * by QEMU: on a file system that others serve or share, the second answer can be another one. So there they are on this
 * host's own disk, as images are.
 *
 * @param folder on a disk of this host, in a folder that the hypervisor can enter
 * @param ownOnly whether only this host can change what is in a folder's file system
 */
public record LayerFolders(Path folder, HypervisorAccount account, Predicate<Path> ownOnly) {
    /** File systems of one host each; a cluster's file system, one that a server has, and an unknown one, are none. */
    private static final Set<String> OWN = Set.of("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay");

    public LayerFolders(Path folder, HypervisorAccount account) {
        this(folder, account, LayerFolders::isOwn);
    }

    private static boolean isOwn(Path path) {
        try {
            return OWN.contains(Files.getFileStore(path).type());
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether the layers of a restore are in its own folder in the storage location. */
    boolean areIn(Path staging) {
        return ownOnly.test(staging);
    }

    /** Makes the folder for a restore's layers. */
    Path begin(UUID restore, Path staging) throws IOException {
        if (areIn(staging)) {
            return staging;
        }
        end(restore);
        account.makePassage(folder);
        Path own = folder.resolve(restore.toString());
        account.makePassage(own);
        return own;
    }

    void end(UUID restore) throws IOException {
        FileTree.of(folder.resolve(restore.toString())).delete();
    }

    /** Removes what an earlier agent process left. */
    public void clear() throws IOException {
        FileTree.of(folder).delete();
    }
}
