package io.trustedlaunch.api.vm;

import io.trustedlaunch.api.image.OsType;

/** The model of a machine's network cards. */
public enum NetworkModel {
    /** A card of Intel, for which Windows has a driver. */
    E1000e,
    /** virtio, which is faster. Windows needs a driver for it. */
    VirtIO;

    /** What a machine has of which nothing else is said. */
    public static NetworkModel ofOs(OsType osType) {
        return switch (osType) {
            case Windows -> E1000e;
            case Linux -> VirtIO;
        };
    }
}
