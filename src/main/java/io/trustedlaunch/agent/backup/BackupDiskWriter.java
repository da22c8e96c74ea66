package io.trustedlaunch.agent.backup;

import java.nio.file.Path;

/** Copies disks of a guest to encrypted files; see {@link BackupDisks}, which does. */
public interface BackupDiskWriter {
    /** Makes the file an empty disk. Takes seconds: call it before the instant. */
    void create(Path file, long virtualBytes, byte[] passphrase);

    /** Copies the whole disk to a file that {@link #create} has made. */
    void copyAll(DiskExport from, Path file, byte[] passphrase);

    /**
     * Copies the whole disk of a VM that is off to a file that {@link #create} has made.
     *
     * @param export where it is served meanwhile: its socket does not exist
     */
    void copyStopped(Path disk, DiskExport export, Path file, byte[] passphrase);

    /** Copies what was written since the base. Returns how many bytes that are. */
    long workingCopyChanges(DiskExport from, Path file, byte[] passphrase);
}
