package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.catalog.ImageFormat;
import java.nio.file.Path;

/** Writes a VM's disks as qcow2. A failure is a {@link RefusedException}. */
public interface DiskTool {
    /** @param virtualBytes the size of the disk in the image, which limits the size of the copy */
    void convert(Path image, ImageFormat format, long virtualBytes, Path disk);

    void create(Path disk, long bytes);

    void resize(Path disk, long bytes);
}
