package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.agent.domain.Acceleration;
import io.trustedlaunch.agent.domain.Disk;
import io.trustedlaunch.agent.domain.DiskFormat;
import io.trustedlaunch.agent.domain.DomainIdentity;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.hypervisor.WorkingCopyLayout;
import io.trustedlaunch.agent.tpm.EkProbe;
import io.trustedlaunch.agent.tpm.EndorsementKey;
import io.trustedlaunch.agent.tpm.RegisterProbe;
import io.trustedlaunch.agent.tpm.SwtpmFactory;
import io.trustedlaunch.agent.tpm.SwtpmTools;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** The host that a test runs in, with a folder for the test's disks and the real parts of a start. */
public final class TestHost implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final WorkingCopyLayout layout = WorkingCopyLayout.system();
    private final SwtpmTools tools = SwtpmTools.ofThisHost();
    private final EkProbe probe = new EkProbe(tools, Path.of("/run/tl-test-probes"), TIMEOUT, UUID::randomUUID);
    private final SwtpmFactory factory = new SwtpmFactory(tools, probe, TIMEOUT);
    private final Path folder;
    private final UserPrincipal qemu;

    public TestHost() throws IOException {
        folder = Files.createTempDirectory(Path.of("/var/lib/trusted-launch"), "test-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        qemu = folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("libvirt-qemu");
    }

    public Path folder() {
        return folder;
    }

    /** A spec with an empty disk: its firmware finds nothing to boot. */
    DomainSpec emptyDisk(UUID vm, long epoch) {
        try {
            Path disk = folder.resolve(vm + ".raw");
            try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(new byte[1]), (1 << 20) - 1);
            }
            Files.setOwner(disk, qemu);
            return spec(vm, epoch, new Disk("os", disk, DiskFormat.RAW), List.of(), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A spec with an empty qcow2, which can have bitmaps. The disk stays if it exists. */
    public DomainSpec emptyQcow2(UUID vm, long epoch, long bytes) {
        Path disk = folder.resolve(vm + ".qcow2");
        if (Files.notExists(disk)) {
            makeQcow2(disk, bytes);
        }
        return spec(vm, epoch, new Disk("os", disk, DiskFormat.QCOW2), List.of(), true);
    }

    /** An empty disk, or scratch file, that is QEMU's. */
    public void makeQcow2(Path file, long bytes) {
        try {
            Files.deleteIfExists(file);
            QemuImages.qemuImg("create", "-q", "-f", "qcow2", file.toString(), Long.toString(bytes));
            Files.setOwner(file, qemu);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A copy of an image, and a spec that boots it. */
    DomainSpec copyOf(Path image, DiskFormat format, UUID vm, boolean secureBoot) throws IOException {
        Path disk = Files.copy(image, folder.resolve(vm + ".disk"));
        Files.setOwner(disk, qemu);
        return spec(
                vm,
                1,
                new Disk("os", disk, format),
                List.of(new Nic("nic0", "lab", mac(vm), "clean-traffic")),
                secureBoot);
    }

    private static String mac(UUID vm) {
        String hex = vm.toString();
        return "52:54:00:%s:%s:%s".formatted(hex.substring(0, 2), hex.substring(2, 4), hex.substring(4, 6));
    }

    private DomainSpec spec(UUID vm, long epoch, Disk disk, List<Nic> nics, boolean secureBoot) {
        return DomainSpecBuilder.builder()
                .identity(new DomainIdentity(vm, epoch, "test", "vm-" + vm))
                .osType(OsType.Linux)
                .cores(1)
                .memoryBytes(512L << 20)
                .osDisk(disk)
                .dataDisks(List.of())
                .nics(nics)
                .consoleLog(folder.resolve(vm + ".log"))
                .acceleration(Acceleration.EMULATED)
                .secureBoot(secureBoot)
                .build();
    }

    public ProcessHandle qemu(DomainSpec spec) throws IOException {
        Path pid = Path.of("/run/libvirt/qemu", spec.identity().vm() + ".pid");
        return ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
    }

    public EndorsementKey manufacture(UUID vm, TpmSecret secret) {
        return factory.manufacture(vm, layout.tpmFolder(vm), secret);
    }

    RegisterProbe registerProbe() {
        return new RegisterProbe(tools, Path.of("/run/tl-test-probes"), TIMEOUT, UUID::randomUUID);
    }

    EndorsementKey probe(UUID vm, TpmSecret secret) {
        return probe.probe(layout.tpmState(vm), secret);
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
