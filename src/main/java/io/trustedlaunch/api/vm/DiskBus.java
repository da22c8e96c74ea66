package io.trustedlaunch.api.vm;

import io.trustedlaunch.api.image.OsType;

/** How a disk is connected to its machine. */
public enum DiskBus {
    /** AHCI, for which every guest has a driver. A guest that runs takes no disk, and gives none. */
    SATA,
    /** virtio, which is faster. Windows needs a driver for it. */
    VirtIO;

    /** What a machine has of which nothing else is said. */
    public static DiskBus ofOs(OsType osType) {
        return switch (osType) {
            case Windows -> SATA;
            case Linux -> VirtIO;
        };
    }
}
