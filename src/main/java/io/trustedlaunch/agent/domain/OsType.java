package io.trustedlaunch.agent.domain;

/** What the guest has drivers for: it picks disk and network models, the clock, enlightenments and graphics. */
public enum OsType {
    /** Has virtio drivers and talks on a serial line. */
    LINUX,
    /** Has only what Windows brings along: AHCI, e1000e, a screen, a clock in local time. */
    WINDOWS
}
