package io.trustedlaunch.catalog;

/** The processor architecture of an image, as marketplaces name it. */
public enum Architecture {
    x64,
    Arm64
}
