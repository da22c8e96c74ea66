package io.trustedlaunch.agent.libvirt;

import java.util.Optional;

/**
 * The report of libvirt on its host.
 *
 * @param machineUUID from the firmware (SMBIOS), unless libvirtd.conf has another
 */
record HostCapabilities(Optional<String> machineUUID) {
    static HostCapabilities parse(String xml) {
        return new HostCapabilities(
                LibvirtXml.parse(xml).values("/capabilities/host/uuid").stream().findFirst());
    }
}
