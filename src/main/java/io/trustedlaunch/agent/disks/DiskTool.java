package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import java.nio.file.Path;

/** Writes a VM's disks as qcow2, into files that exist and are the hypervisor's. A failure is a {@link RefusedException}. */
public interface DiskTool {
    /** @param image a local file that no other user can change; its size limits that of the disk */
    void convert(Path image, Accepted form, Path disk);

    void create(Path disk, long bytes);

    /** What the disk has on record of its changes may be lost. */
    void resize(Path disk, long bytes);

    /** Has a disk's header name that backing file, and changes nothing else. */
    void setBacking(Path disk, FillBacking backing);
}
