package io.trustedlaunch.agent.domain;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A disk of the guest.
 *
 * @param name "os", or the identity of a data disk; the guest sees it as the disk's serial number
 * @param path absolute; the file's owner and mode are already set, and libvirt does not change them
 * @param backing of a disk that is not whole yet, whatever its header names
 */
public record Disk(String name, Path path, DiskFormat format, Optional<NbdBacking> backing) {
    /** The name of the OS disk. */
    public static final String OS = "os";

    public Disk {
        SpecChecks.requirePrintable("disk name", name);
        SpecChecks.requireAbsolute("disk " + name, path);
    }

    /** A disk that is whole. */
    public Disk(String name, Path path, DiskFormat format) {
        this(name, path, format, Optional.empty());
    }

    public Disk filledFrom(NbdBacking from) {
        return new Disk(name, path, format, Optional.of(from));
    }
}
