package io.trustedlaunch.api;

/** Which family of operating system an image holds: it chooses the device profile. */
public enum OsType {
    Windows,
    Linux
}
