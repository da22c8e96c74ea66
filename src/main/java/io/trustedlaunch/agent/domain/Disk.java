package io.trustedlaunch.agent.domain;

import java.nio.file.Path;

/**
 * A disk of the guest.
 *
 * @param name as in the VM's spec; the guest sees it as the disk's serial number
 * @param path absolute; the file's owner and mode are already set, and libvirt does not change them
 */
public record Disk(String name, Path path, DiskFormat format) {
    public Disk {
        SpecChecks.requirePrintable("disk name", name);
        SpecChecks.requireAbsolute("disk " + name, path);
    }
}
