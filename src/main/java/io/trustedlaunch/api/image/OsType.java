package io.trustedlaunch.api.image;

/** The family of operating system in an image; it decides which devices a VM gets. */
public enum OsType {
    Windows,
    Linux
}
