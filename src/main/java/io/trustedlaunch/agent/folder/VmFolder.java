package io.trustedlaunch.agent.folder;

import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** The paths of a VM's files in its storage location. */
public record VmFolder(Path location, UUID vm) {
    /** Checked again after the API server, so that no other name becomes a path. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    private static final String BACKUP = ".backup-";
    private static final String RESTORE = ".restore-";
    private static final String RESTORED = ".restored-";
    private static final String REPLACED = "replaced-by-restore-";

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

    /** Where that restore makes its files. */
    public Path restore(UUID restore) {
        return path().resolve(RESTORE + restore);
    }

    /** Whether a file of this folder is one in which some restore makes its files. */
    public static boolean isRestore(Path file) {
        return file.getFileName().toString().startsWith(RESTORE);
    }

    /** The files of that restore, all of them, until they are in their places. */
    public Path restored(UUID restore) {
        return path().resolve(RESTORED + restore);
    }

    /** The restore whose files this folder has; empty for any other file. */
    public static Optional<UUID> restoredBy(Path file) {
        String name = file.getFileName().toString();
        try {
            return Optional.of(name)
                    .filter(any -> any.startsWith(RESTORED))
                    .map(any -> UUID.fromString(any.substring(RESTORED.length())));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The files that the restore replaced; only people remove them. */
    public Path replaced(UUID restore) {
        return path().resolve(REPLACED + restore);
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
