package io.trustedlaunch.agent.backup;

import java.nio.file.Path;

/**
 * A disk as it was at one instant, served over NBD: by the QEMU of a running guest, or from the file of a stopped one. An
 * escaped guest serves what it likes.
 *
 * @param socket in a folder that only the hypervisor's user and root can enter
 * @param name of the export, and of its bitmap of what was written since the base
 */
public record DiskExport(Path socket, String name) {}
