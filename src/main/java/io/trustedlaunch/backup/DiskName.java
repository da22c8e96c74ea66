package io.trustedlaunch.backup;

import io.trustedlaunch.api.DiskIdentity;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The names of a VM's disks in its backups. */
public final class DiskName {
    public static final String ROOT = "root";

    /** It keeps a data disk named "root" apart. */
    private static final String DATA = "data-";

    private DiskName() {}

    public static String ofData(DiskIdentity disk) {
        return DATA + disk;
    }

    /** @throws IllegalArgumentException if no data disk has such an identity */
    public static String ofData(String disk) {
        return ofData(DiskIdentity.of(disk));
    }

    /** The data disk that has this name here; empty for the OS disk. */
    public static Optional<DiskIdentity> dataDisk(String name) {
        return name.startsWith(DATA) ? DiskIdentity.parse(name.substring(DATA.length())) : Optional.empty();
    }

    /** The IDs of those that are data disks, in their order. */
    public static List<String> dataDisks(Stream<String> names) {
        return names.flatMap(name -> dataDisk(name).stream())
                .map(DiskIdentity::toString)
                .toList();
    }

    static boolean isDisk(String name) {
        return name.equals(ROOT) || dataDisk(name).isPresent();
    }
}
