package io.trustedlaunch.catalog;

/** The form of an image's file. */
public enum ImageFormat {
    raw,
    qcow2,
    vhd,
    vhdx
}
