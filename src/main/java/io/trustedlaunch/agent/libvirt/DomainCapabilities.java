package io.trustedlaunch.agent.libvirt;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * The capabilities that libvirt reports.
 *
 * @param secureLoader whether there is firmware that protects its variables from the guest's kernel
 * @param cpuFeatures of the host model beyond those of its CPU model
 * @param enlightenments of Hyper-V, by libvirt's names; none if this libvirt does not report them
 */
record DomainCapabilities(
        Optional<Path> emulator, boolean secureLoader, Set<String> cpuFeatures, Set<String> enlightenments) {
    static final DomainCapabilities NONE = new DomainCapabilities(Optional.empty(), false, Set.of(), Set.of());

    static DomainCapabilities parse(String xml) {
        LibvirtXml document = LibvirtXml.parse(xml);
        return new DomainCapabilities(
                document.values("/domainCapabilities/path").stream().findFirst().map(Path::of),
                document.values("/domainCapabilities/os/loader/enum[@name='secure']/value")
                        .contains("yes"),
                Set.copyOf(document.values(
                        "/domainCapabilities/cpu/mode[@name='host-model']/feature[@policy='require']/@name")),
                Set.copyOf(document.values("/domainCapabilities/features/hyperv/enum[@name='features']/value")));
    }
}
