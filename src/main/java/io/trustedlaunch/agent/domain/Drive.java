package io.trustedlaunch.agent.domain;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A drive for discs, which the guest only reads.
 *
 * @param name the guest sees it, with {@link #PREFIX}, as the drive's serial number
 * @param disc absolute; the hypervisor may read it. Empty: none is in the drive
 */
public record Drive(String name, Optional<Path> disc) {
    /** No name of a disk has this character. */
    public static final String PREFIX = "disc_";

    public Drive {
        SpecChecks.requirePrintable("drive name", name);
        disc.ifPresent(path -> SpecChecks.requireAbsolute("disc " + name, path));
    }

    /** The drive's serial number. */
    public String serial() {
        return DiskSection.serial(PREFIX + name);
    }

    public Drive ejected() {
        return new Drive(name, Optional.empty());
    }
}
