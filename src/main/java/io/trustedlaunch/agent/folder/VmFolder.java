package io.trustedlaunch.agent.folder;

import io.trustedlaunch.api.DiskIdentity;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** The paths of a VM's files in its storage location. */
public record VmFolder(Path location, UUID vm) {
    private static final String OS_DISK = "os.qcow2";
    private static final String DATA = "data-";
    private static final String QCOW2 = ".qcow2";
    private static final String BACKUP = ".backup-";
    private static final String RESTORE = ".restore-";
    private static final String RESTORED = ".restored-";
    private static final String REPLACED = "replaced-by-restore-";

    public Path path() {
        return location.resolve(vm.toString());
    }

    public Path osDisk() {
        return path().resolve(OS_DISK);
    }

    public Path dataDisk(DiskIdentity disk) {
        return path().resolve(DATA + disk + QCOW2);
    }

    /** The data disk whose file that is, by its name; empty for any other file. */
    public static Optional<DiskIdentity> dataDiskOf(Path file) {
        String name = file.getFileName().toString();
        return Optional.of(name)
                .filter(any ->
                        any.startsWith(DATA) && any.endsWith(QCOW2) && any.length() > DATA.length() + QCOW2.length())
                .flatMap(any -> DiskIdentity.parse(any.substring(DATA.length(), any.length() - QCOW2.length())));
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

    /** Whether it is the file of a disk, by its name. */
    public static boolean isDisk(Path file) {
        return file.getFileName().toString().equals(OS_DISK) || dataDiskOf(file).isPresent();
    }
}
