package io.trustedlaunch.agent.domain;

import io.trustedlaunch.api.image.OsType;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A domain without disk, firmware and metadata. The agent starts it paused to check that the host supports an
 * acceleration: a KVM without system management mode, for example, fails only at a start.
 */
public final class TrialDomain {
    private static final Path UNUSED = Path.of("/nonexistent");

    private TrialDomain() {}

    public static String render(UUID id, Acceleration acceleration) {
        // Nested virtualization is for Windows, which also needs the enlightenments.
        DomainSpec spec = DomainSpecBuilder.builder()
                .identity(new DomainIdentity(id, 1, "trial", "trial"))
                .osType(acceleration.vbs() ? OsType.Windows : OsType.Linux)
                .cores(1)
                .memoryBytes(64L << 20)
                .osDisk(new Disk("none", UNUSED, DiskFormat.RAW))
                .dataDisks(List.of())
                .nics(List.of())
                .consoleLog(UNUSED)
                .acceleration(acceleration)
                .secureBoot(true)
                .build();
        Xml type = Xml.element("type", "hvm").with("arch", "x86_64").with("machine", "q35");
        Stream<Xml> devices = Stream.concat(
                new IommuSection().of(spec),
                Stream.of(Xml.element("memballoon").with("model", "none"), usb(), noScreen()));
        return Xml.element("domain")
                .with("type", acceleration.kvm() ? "kvm" : "qemu")
                .containing(
                        Xml.element("name", "trusted-launch-trial-" + id),
                        Xml.element("uuid", id),
                        Xml.element("os").containing(type))
                .containing(new ProcessorSection().of(spec))
                .containing(new FeatureSection().of(spec))
                .containing(new ClockSection().of(spec))
                .containing(Xml.element("devices").containing(devices))
                .render();
    }

    private static Xml usb() {
        return Xml.element("controller").with("type", "usb").with("model", "none");
    }

    private static Xml noScreen() {
        return Xml.element("video").containing(Xml.element("model").with("type", "none"));
    }
}
