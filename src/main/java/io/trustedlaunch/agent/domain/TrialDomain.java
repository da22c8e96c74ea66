package io.trustedlaunch.agent.domain;

import io.trustedlaunch.api.image.OsType;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A domain without UEFI firmware and metadata. The agent starts it to check that the host supports an acceleration: paused and
 * without a disk, because a KVM without system management mode, for example, fails only at a start; and with the disk of a {@link
 * NestingGuest}, because nested virtualization can be offered and not work.
 */
public final class TrialDomain {
    private static final Path UNUSED = Path.of("/nonexistent");

    private TrialDomain() {}

    /** To be started paused. */
    public static String render(UUID id, Acceleration acceleration) {
        return render(id, acceleration, Stream.empty());
    }

    /**
     * To be run.
     *
     * @param disk of a {@link NestingGuest}
     * @param output the file that its serial port is written to
     */
    public static String nesting(UUID id, Acceleration acceleration, Path disk, Path output) {
        return render(id, acceleration, Stream.of(sata(disk), serial(output)));
    }

    private static String render(UUID id, Acceleration acceleration, Stream<Xml> more) {
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
                Stream.concat(new IommuSection().of(spec), more),
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

    /** With a bus that its BIOS can read; such a disk cannot be read-only. The agent has set the owner of the file. */
    private static Xml sata(Path disk) {
        Xml source = Xml.element("source")
                .with("file", disk)
                .containing(Xml.element("seclabel").with("model", "dac").with("relabel", "no"));
        return Xml.element("disk")
                .with("type", "file")
                .with("device", "disk")
                .containing(
                        Xml.element("driver").with("name", "qemu").with("type", "raw"),
                        source,
                        Xml.element("backingStore"),
                        Xml.element("target").with("dev", "sda").with("bus", "sata"),
                        Xml.element("boot").with("order", 1));
    }

    private static Xml serial(Path output) {
        return Xml.element("serial")
                .with("type", "file")
                .containing(
                        Xml.element("source").with("path", output).with("append", "on"),
                        Xml.element("target").with("type", "isa-serial").with("port", 0));
    }

    private static Xml usb() {
        return Xml.element("controller").with("type", "usb").with("model", "none");
    }

    private static Xml noScreen() {
        return Xml.element("video").containing(Xml.element("model").with("type", "none"));
    }
}
