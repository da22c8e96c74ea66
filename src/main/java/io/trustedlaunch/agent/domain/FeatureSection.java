package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/** What the machine has around its processor. */
final class FeatureSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        Xml features = Xml.element("features")
                .containing(
                        Xml.element("acpi"),
                        Xml.element("apic"),
                        // Without system management mode a guest's kernel could write the variables of Secure Boot.
                        on("smm"),
                        Xml.element("vmport").with("state", "off"));
        if (spec.acceleration().vbs()) {
            // The IOMMU can remap interrupts only where the I/O APIC is QEMU's and not the kernel's.
            features = features.containing(Xml.element("ioapic").with("driver", "qemu"));
        }
        if (spec.osType() == OsType.WINDOWS && spec.acceleration().kvm()) {
            features = features.containing(enlightenments());
        }
        return Stream.of(features);
    }

    /** What Windows asks of a hypervisor. Not evmcs: it takes other features of nested virtualization away. */
    private static Xml enlightenments() {
        return Xml.element("hyperv")
                .with("mode", "custom")
                .containing(
                        on("relaxed"),
                        on("vapic"),
                        on("spinlocks").with("retries", 8191),
                        on("vpindex"),
                        on("runtime"),
                        on("synic"),
                        on("stimer").containing(on("direct")),
                        on("frequencies"),
                        on("tlbflush"),
                        on("ipi"));
    }

    private static Xml on(String feature) {
        return Xml.element(feature).with("state", "on");
    }
}
