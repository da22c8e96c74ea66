package io.trustedlaunch.agent.imageform;

import io.trustedlaunch.api.DiskIdentity;
import java.util.Optional;
import java.util.UUID;

/**
 * The backing file that the header of a disk names while the disk is filled from a backup. No program can open a file of that
 * name, so that the disk is of use only to who knows where its content is served.
 *
 * @param fill UID of the restore that made the disk
 * @param disk its name in the backup, which is that of its export
 */
public record FillBacking(UUID fill, String disk) {
    private static final String SCHEME = "trusted-launch-fill:";

    public static FillBacking ofOsDisk(UUID fill) {
        return new FillBacking(fill, "root");
    }

    public static FillBacking ofDataDisk(UUID fill, DiskIdentity disk) {
        return new FillBacking(fill, "data-" + disk);
    }

    /** Whether a header names just this one. */
    boolean isNamed(String backing) {
        return toString().equals(backing);
    }

    /** Empty for the name of any other file. */
    public static Optional<FillBacking> parse(String backing) {
        int slash = backing.indexOf('/');
        if (!backing.startsWith(SCHEME) || slash < 0) {
            return Optional.empty();
        }
        try {
            UUID fill = UUID.fromString(backing.substring(SCHEME.length(), slash));
            return Optional.of(new FillBacking(fill, backing.substring(slash + 1)))
                    .filter(parsed -> parsed.isNamed(backing));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return SCHEME + fill + "/" + disk;
    }
}
