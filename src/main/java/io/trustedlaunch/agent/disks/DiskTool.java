package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.catalog.ImageFormat;
import java.nio.file.Path;

/** What writes a VM's disks, as qcow2. What it cannot do is a {@link RefusedException}. */
public interface DiskTool {
    /** @param virtualBytes what the disk inside has: the copy grows no larger than that needs */
    void convert(Path image, ImageFormat format, long virtualBytes, Path disk);

    void create(Path disk, long bytes);

    void resize(Path disk, long bytes);
}
