package io.trustedlaunch.backup;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names of a VM's disks in its backups. */
public final class DiskName {
    public static final String ROOT = "root";

    /** The API server allows such names of data disks. A prefix keeps a disk named "root" apart. */
    private static final Pattern DATA = Pattern.compile("data-([a-z0-9](?:[-a-z0-9]{0,30}[a-z0-9])?)");

    private DiskName() {}

    /** @throws IllegalArgumentException if no data disk has such a name */
    public static String ofData(String disk) {
        String name = "data-" + disk;
        if (!DATA.matcher(name).matches()) {
            throw new IllegalArgumentException("no data disk is named " + disk);
        }
        return name;
    }

    /** The data disk that has this name here; empty for the OS disk. */
    public static Optional<String> dataDisk(String name) {
        Matcher matcher = DATA.matcher(name);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    static boolean isDisk(String name) {
        return name.equals(ROOT) || DATA.matcher(name).matches();
    }
}
