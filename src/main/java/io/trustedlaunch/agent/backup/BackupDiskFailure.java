package io.trustedlaunch.agent.backup;

import java.nio.file.Path;

/** Why a disk could not be backed up or restored. */
public sealed interface BackupDiskFailure {
    String message();

    /** The file system that the disk is written to is full. */
    record NoSpace(Path file) implements BackupDiskFailure {
        @Override
        public String message() {
            return "no space left for " + file.getFileName() + " in " + file.getParent() + ": free or add space";
        }
    }

    /** A tool of QEMU, or the system, failed otherwise. */
    record Failed(String action, String detail) implements BackupDiskFailure {
        @Override
        public String message() {
            return "could not " + action + ": " + detail;
        }
    }
}
