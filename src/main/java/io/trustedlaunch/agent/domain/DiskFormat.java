package io.trustedlaunch.agent.domain;

import java.util.Locale;

/** Explicit for every disk: with probing, a guest that writes a qcow2 header to a raw disk could read any host file. */
public enum DiskFormat {
    RAW,
    QCOW2;

    String libvirtName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
