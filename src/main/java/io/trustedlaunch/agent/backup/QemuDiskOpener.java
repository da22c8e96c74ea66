package io.trustedlaunch.agent.backup;

import io.trustedlaunch.agent.disks.ConfinedTools;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Opens disks that QEMU, or a tool of it, serves.
 *
 * @param timeout of the processor time that a tool may need for one disk
 */
public record QemuDiskOpener(ConfinedTools tools, Duration timeout) implements DiskOpener {
    @Override
    public OpenDisk running(DiskExport export, boolean changes) throws IOException {
        return new OpenDisk(NbdDisk.of(export, changes), () -> {});
    }

    @Override
    public OpenDisk stopped(Path disk, DiskExport export) throws IOException {
        StoppedDisk served = StoppedDisk.serve(disk, export, tools, timeout);
        try {
            return new OpenDisk(served.source(), served::close);
        } catch (IOException | RuntimeException e) {
            served.close();
            throw e;
        }
    }
}
