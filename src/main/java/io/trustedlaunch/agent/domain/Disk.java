package io.trustedlaunch.agent.domain;

import java.nio.file.Path;

/**
 * A disk of the guest.
 *
 * @param name what the user calls it; the guest sees it as the disk's serial number
 * @param path an absolute path of a file whose owner and mode are set already: libvirt is told to leave them alone
 */
public record Disk(String name, Path path, DiskFormat format) {
    public Disk {
        Text.requirePrintable("disk name", name);
        Text.requireAbsolute("disk " + name, path);
    }
}
