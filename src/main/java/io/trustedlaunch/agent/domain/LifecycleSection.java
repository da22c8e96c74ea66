package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/**
 * One domain is one epoch. A reboot stays within it: QEMU and TPM are reset, and the boot is measured again. If the
 * domain ends, libvirt must not restart it: another start needs another epoch, which only the operator reserves.
 */
final class LifecycleSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        return Stream.of(
                Xml.element("on_poweroff", "destroy"),
                Xml.element("on_reboot", "restart"),
                Xml.element("on_crash", "destroy"),
                // A suspended guest would look stopped to users and running to the hypervisor.
                Xml.element("pm")
                        .containing(
                                Xml.element("suspend-to-mem").with("enabled", "no"),
                                Xml.element("suspend-to-disk").with("enabled", "no")));
    }
}
