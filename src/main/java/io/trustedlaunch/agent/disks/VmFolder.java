package io.trustedlaunch.agent.disks;

import java.nio.file.Path;
import java.util.UUID;
import java.util.regex.Pattern;

/** The paths of a VM's files in its storage location. */
public record VmFolder(Path location, UUID vm) {
    /** Checked again after the API server, so that no other name becomes a path. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    private static final String BACKUP = ".backup-";

    public Path path() {
        return location.resolve(vm.toString());
    }

    public Path osDisk() {
        return path().resolve("os.qcow2");
    }

    public Path dataDisk(String name) {
        return path().resolve("data-" + checked(name) + ".qcow2");
    }

    /** Where that run of a backup has its files until it ends. */
    public Path backup(UUID run) {
        return path().resolve(BACKUP + run);
    }

    /** Whether a file of this folder is that of some run. */
    public static boolean isBackup(Path file) {
        return file.getFileName().toString().startsWith(BACKUP);
    }

    private static String checked(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("data disk name must match " + NAME + ", not " + name);
        }
        return name;
    }
}
