package io.trustedlaunch.catalog;

/** The processors that an image is for, as marketplaces name them. */
public enum Architecture {
    x64,
    Arm64
}
