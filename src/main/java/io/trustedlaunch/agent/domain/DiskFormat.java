package io.trustedlaunch.agent.domain;

import java.util.Locale;

/** Said explicitly for every disk: a guest that writes a qcow2 header into a probed raw disk could read any host file. */
public enum DiskFormat {
    RAW,
    QCOW2;

    String libvirtName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
