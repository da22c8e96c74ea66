package io.trustedlaunch.agent.backup;

import io.trustedlaunch.agent.imageform.ImageFault;
import java.nio.file.Path;
import java.time.Duration;

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

    record TimedOut(String action, Duration after) implements BackupDiskFailure {
        @Override
        public String message() {
            return "could not " + action + " within " + after.toMinutes() + " minutes; check how busy the storage is";
        }
    }

    /** The file is no disk of a backup, or a damaged one. No tool has opened it. */
    record Unsound(Path layer, ImageFault fault) implements BackupDiskFailure {
        @Override
        public String message() {
            return "disk " + layer.getFileName() + " of the backup cannot be used: it " + fault.fact()
                    + "; restore another backup";
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
