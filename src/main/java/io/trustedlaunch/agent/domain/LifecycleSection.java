package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/**
 * One domain is one epoch. A guest that reboots stays within it: the same QEMU resets, the same TPM with it, and
 * everything is measured again, so that nothing needs to be decided. Whatever ends the domain must end it for good, for
 * another start is another epoch, which only the operator hands out: libvirt restarts nothing.
 */
final class LifecycleSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        return Stream.of(
                Xml.element("on_poweroff", "destroy"),
                Xml.element("on_reboot", "restart"),
                Xml.element("on_crash", "destroy"),
                // A guest that sleeps would look stopped to us and running to the hypervisor.
                Xml.element("pm")
                        .containing(
                                Xml.element("suspend-to-mem").with("enabled", "no"),
                                Xml.element("suspend-to-disk").with("enabled", "no")));
    }
}
