package io.trustedlaunch.agent.hypervisor;

/** The TCP ports at which QEMU receives guests and their disks: libvirt's default range. */
public final class QemuPorts {
    public static final int FIRST = 49_152;
    public static final int LAST = 49_215;

    private QemuPorts() {}
}
