package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.api.ProcessorVendor;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The report of libvirt on its host.
 *
 * @param machineUUID from the firmware (SMBIOS), unless libvirtd.conf has another
 * @param vendor of its processor
 */
record HostCapabilities(Optional<String> machineUUID, Optional<ProcessorVendor> vendor) {
    static final HostCapabilities NONE = new HostCapabilities(Optional.empty(), Optional.empty());

    static HostCapabilities parse(String xml) {
        LibvirtXml document = LibvirtXml.parse(xml);
        return new HostCapabilities(
                document.values("/capabilities/host/uuid").stream().findFirst(),
                document.values("/capabilities/host/cpu/vendor").stream()
                        .flatMap(name -> Stream.of(ProcessorVendor.values())
                                .filter(vendor -> vendor.name().equals(name)))
                        .findFirst());
    }
}
