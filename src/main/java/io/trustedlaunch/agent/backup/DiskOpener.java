package io.trustedlaunch.agent.backup;

import java.io.IOException;
import java.nio.file.Path;

/** Opens the disks of VMs for a backup. */
public interface DiskOpener {
    /**
     * A disk that the QEMU of a running guest serves.
     *
     * @param changes whether only what was written since the base is read
     */
    OpenDisk running(DiskExport export, boolean changes) throws IOException;

    /**
     * The disk of a VM that is off. No lock is taken, so that the VM can start: what is read then is of no use.
     *
     * @param export where it is served meanwhile: its socket does not exist
     */
    OpenDisk stopped(Path disk, DiskExport export) throws IOException;
}
