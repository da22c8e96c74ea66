package io.trustedlaunch.agent.domain;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A domain without disk, firmware or metadata, to find out by starting it, paused, whether a host can really do what an
 * acceleration takes: a KVM that has no system management mode, for one, is told only then.
 */
public final class TrialDomain {
    private static final Path NOWHERE = Path.of("/nonexistent");

    private TrialDomain() {}

    public static String render(UUID id, Acceleration acceleration) {
        // Windows is what nested virtualization is for, and asks for enlightenments besides; Linux does not.
        DomainSpec spec = DomainSpecBuilder.builder()
                .identity(new DomainIdentity(id, 1, "trial", "trial"))
                .osType(acceleration.vbs() ? OsType.WINDOWS : OsType.LINUX)
                .cores(1)
                .memoryBytes(64L << 20)
                .osDisk(new Disk("none", NOWHERE, DiskFormat.RAW))
                .dataDisks(List.of())
                .nics(List.of())
                .consoleLog(NOWHERE)
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
