package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.disks.QemuImg;
import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.location.DiskPathInspector;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.location.PathFacts;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A host in a folder, with a fake hypervisor and an agent on it that can die and come back. */
final class World {
    final FakeHypervisor hypervisor;
    final FakeApiServer server = new FakeApiServer();
    final FakeTpms tpms;
    final Path location;

    private final Path root;
    private final Path failpoints;
    private final HypervisorAccount account;
    private final String imageSha256;
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private IncarnationPass agent;

    /** How a test's agent dies: no handler of the agent's own catches an error. */
    static final class Died extends Error {
        private static final long serialVersionUID = 1L;

        Died(Failpoint at) {
            super(at.id());
        }
    }

    World(Path root) throws IOException {
        this.root = root;
        this.account = ownAccount(root);
        this.hypervisor = new FakeHypervisor(root);
        this.tpms = new FakeTpms(hypervisor);
        this.location = root.resolve("vms");
        this.failpoints = Files.createDirectory(root.resolve("failpoints"));
        account.makePassage(location);
        byte[] image = new byte[3 << 20];
        image[0] = 1;
        image[image.length - 1] = 2;
        Files.createDirectory(location.resolve("images"));
        Files.write(location.resolve("images").resolve("proof.raw"), image);
        this.imageSha256 = sha256(image);
        restartAgent();
    }

    void restartAgent() {
        InstantSource clock = () -> now;
        Disks disks = new Disks(
                account, Lives.NODE, new QemuImg(Duration.ofSeconds(30), Duration.ofSeconds(60)), UUID::randomUUID);
        LocationCheck check = new LocationCheck(this::restricted, account, root.resolve("own"));
        Host host = new Host(
                Lives.NODE,
                hypervisor,
                tpms,
                check,
                disks,
                new SeedDisc(account, root.resolve("run")),
                new VmMemory(root.resolve("memory")),
                true);
        agent = new IncarnationPass(host, World::open, server, server, Failpoints.in(failpoints, World::die), clock);
    }

    VMIncarnation life(long epoch, DesiredState desired) {
        VMIncarnationSpec.Machine machine = Lives.machine(location.toString(), imageSha256);
        VMIncarnation made =
                Lives.life(epoch, desired, machine, Base64.getEncoder().encodeToString(new byte[] {1}));
        VMIncarnationSpec spec = made.getSpec();
        // The operator puts on record what the first life reported.
        made.setSpec(new VMIncarnationSpec(
                spec.vmRef(),
                spec.epoch(),
                spec.nodeName(),
                spec.desiredState(),
                spec.machine(),
                spec.firstStart(),
                epoch == 1 ? null : "ek-1",
                spec.guestStateFloor(),
                spec.approvedGuestState(),
                spec.escrow(),
                spec.envelope()));
        return server.create(made);
    }

    /** One pass of the agent over the incarnation as the API server has it. */
    Duration pass(VMIncarnation incarnation) {
        VMIncarnation seen = server.read(incarnation);
        return agent.run(seen, seen.getSpec().epoch());
    }

    /** As {@link #pass}, and again with a new agent for as long as it dies. */
    void passUntilItLives(VMIncarnation incarnation) {
        while (true) {
            try {
                pass(incarnation);
                return;
            } catch (Died died) {
                restartAgent();
            }
        }
    }

    void arm(Failpoint point) {
        try {
            Files.createFile(failpoints.resolve(point.id()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isArmed(Failpoint point) {
        return Files.exists(failpoints.resolve(point.id()));
    }

    void later(Duration time) {
        now = now.plus(time);
    }

    VmFolder folder() {
        return new VmFolder(location, Lives.VM);
    }

    VmMemory memory() {
        return new VmMemory(root.resolve("memory"));
    }

    Path seed() {
        return root.resolve("run/vms").resolve(Lives.VM.toString()).resolve("seed.iso");
    }

    Path image() {
        return location.resolve("images").resolve("proof.raw");
    }

    Optional<DomainSpec> domain() {
        return hypervisor.spec(Lives.VM);
    }

    private static void die(Failpoint at) {
        throw new Died(at);
    }

    private static EnvelopeContent open(byte[] envelope, EnvelopeAddress expected) {
        byte[] key = new byte[ProtectionKey.BYTES];
        key[0] = 1;
        return new EnvelopeContent(expected, ProtectionKey.of(key), Map.of("user-data", new byte[] {'#'}));
    }

    /** A test's folder lies below others' folders: here only the location itself is looked at. */
    private PathFacts restricted(Path path) {
        if (path.startsWith(location)) {
            return new DiskPathInspector().look(path);
        }
        return new PathFacts(
                path, PathFacts.Kind.FOLDER, account.administrator().getName(), "root", 0755, false);
    }

    private static HypervisorAccount ownAccount(Path folder) throws IOException {
        PosixFileAttributes own = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return new HypervisorAccount(own.owner(), own.owner(), own.group());
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
