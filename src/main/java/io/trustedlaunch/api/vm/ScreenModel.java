package io.trustedlaunch.api.vm;

import io.trustedlaunch.api.image.OsType;

/** The screen of a machine. */
public enum ScreenModel {
    /** A screen of the VGA standard, with a keyboard and a pointer. */
    VGA,
    None;

    /** What a machine has of which nothing else is said. */
    public static ScreenModel ofOs(OsType osType) {
        return switch (osType) {
            case Windows -> VGA;
            case Linux -> None;
        };
    }
}
