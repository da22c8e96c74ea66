package io.trustedlaunch.agent.domain;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The disks of a running domain that are read, all of one instant.
 *
 * @param checkpoint made at that instant; the next backup may begin with it. Its name is new, and never used again
 * @param base the checkpoint that an incremental backup begins with; empty for a full one
 * @param socket of the NBD server, absolute, in a folder that only the hypervisor's user can enter
 */
public record BackupSpec(String checkpoint, Optional<String> base, Path socket, List<BackupSpec.Disk> disks) {
    public BackupSpec {
        requireName(checkpoint);
        base.ifPresent(BackupSpec::requireName);
        SpecChecks.requireAbsolute("socket", socket);
        disks = List.copyOf(disks);
    }

    /**
     * @param name of the export, and of its bitmap of dirty data if there is a base
     * @param path the disk of the domain, as in its spec
     * @param scratch an empty qcow2 of the same size that is the hypervisor's: what the guest overwrites is kept there
     *     as long as the backup runs
     */
    public record Disk(String name, Path path, Path scratch) {
        public Disk {
            requireName(name);
            SpecChecks.requireAbsolute("disk " + name, path);
            SpecChecks.requireAbsolute("scratch file of disk " + name, scratch);
        }
    }

    /** Checks the name of a checkpoint, a disk, an export or a bitmap: it is as Kubernetes' names. */
    static void requireName(String name) {
        if (!name.matches("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")) {
            throw new IllegalArgumentException("not a name of a checkpoint or disk: " + name);
        }
    }
}
