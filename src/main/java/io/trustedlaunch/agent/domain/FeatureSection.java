package io.trustedlaunch.agent.domain;

import io.trustedlaunch.api.image.OsType;
import java.util.stream.Stream;

/** Features of the machine: ACPI, interrupt controllers, system management mode, Hyper-V enlightenments. */
final class FeatureSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        Xml features = Xml.element("features")
                .containing(
                        Xml.element("acpi"),
                        Xml.element("apic"),
                        // Without system management mode, the guest's kernel could write the Secure Boot variables.
                        on("smm"),
                        Xml.element("vmport").with("state", "off"));
        if (spec.acceleration().vbs()) {
            // The IOMMU can remap interrupts only with QEMU's I/O APIC, not with the kernel's.
            features = features.containing(Xml.element("ioapic").with("driver", "qemu"));
        }
        if (spec.osType() == OsType.Windows && spec.acceleration().kvm()) {
            features = features.containing(enlightenments(spec));
        }
        return Stream.of(features);
    }

    private static Xml enlightenments(DomainSpec spec) {
        Xml enlightenments = Xml.element("hyperv")
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
        // Of Intel's virtualization only. A guest that uses it cannot go on where it is missing.
        return spec.enlightenedVmcs() && spec.acceleration() == Acceleration.KVM_NESTED_INTEL
                ? enlightenments.containing(on("evmcs"))
                : enlightenments;
    }

    private static Xml on(String feature) {
        return Xml.element(feature).with("state", "on");
    }
}
