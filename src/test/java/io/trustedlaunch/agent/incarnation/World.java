package io.trustedlaunch.agent.incarnation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.disks.PlayedDiskTool;
import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.gueststate.CopyChanges;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.gueststate.HomeFiles;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.imagecopy.CopyFolder;
import io.trustedlaunch.agent.imagecopy.Images;
import io.trustedlaunch.agent.incarnation.migration.ExpectedGuests;
import io.trustedlaunch.agent.incarnation.migration.MigrationHandoff;
import io.trustedlaunch.agent.incarnation.plan.FactsFixture;
import io.trustedlaunch.agent.incarnation.record.RemainingGuests;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Homes;
import io.trustedlaunch.agent.location.DiskPathInspector;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.location.PathFacts;
import io.trustedlaunch.agent.location.PathFactsBuilder;
import io.trustedlaunch.agent.seed.PlayedDiscTool;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.agent.shutdown.ShutdownRequest;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpecBuilder;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.gueststate.SealedGuestState.Opening;
import io.trustedlaunch.testkit.FailpointFolder;
import io.trustedlaunch.testkit.VariableStores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** A host in a folder, with a fake hypervisor and an agent on it that can die and come back. */
public final class World {
    private static final ProtectionKey KEY = key();

    /** Each of thousands of lives takes its digest. */
    private static final int IMAGE_BYTES = 64 << 10;

    public final FakeHypervisor hypervisor;
    public final FakeApiServer server;
    public final FakeMigrations movement;
    public final FakeTpms tpms;
    public final Path location;

    /** What there is to tell of an image that is not there. */
    Images.Word wordOfImage;

    /** Whether the operator has a recovery certificate. */
    boolean escrowing = true;

    private final Path root;
    private final String node;
    private final FailpointFolder failpoints;
    private final HypervisorAccount account;
    private final String imageSha256;
    private final SecureRandom random = new SecureRandom();
    private IOException homeFailure;
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private IncarnationPass agent;
    private GuestStateKeeper keeper;

    public World(Path root) throws IOException {
        this(root, IncarnationFixture.NODE, new FakeApiServer(), root.resolve("vms"));
    }

    /** Another host of the same cluster, with the same folder for VMs. */
    public static World beside(World first, Path root, String node) throws IOException {
        return connected(first, new World(root, node, first.server, first.location), node);
    }

    /** Another host of the same cluster, with a folder for VMs of its own. */
    public static World apartFrom(World first, Path root, String node) throws IOException {
        World other = connected(first, new World(root, node, first.server, root.resolve("vms")), node);
        other.hypervisor.placeDisks(disk -> other.location.resolve(first.location.relativize(disk)));
        return other;
    }

    private static World connected(World first, World other, String node) {
        first.hypervisor.connect(node, other.hypervisor);
        other.hypervisor.connect(first.node, first.hypervisor);
        first.movement.connect(node, other.expected());
        other.movement.connect(first.node, first.expected());
        return other;
    }

    private World(Path root, String node, FakeApiServer server, Path location) throws IOException {
        this.root = root;
        this.node = node;
        this.server = server;
        this.account = Accounts.ownerOf(root);
        this.hypervisor = new FakeHypervisor(root);
        this.movement = new FakeMigrations(node, hypervisor);
        this.tpms = new FakeTpms();
        this.location = location;
        this.failpoints = new FailpointFolder(root.resolve("failpoints"));
        account.makePassage(location);
        byte[] image = new byte[IMAGE_BYTES];
        image[510] = 0x55;
        image[511] = (byte) 0xAA;
        image[image.length - 1] = 2;
        Files.createDirectories(image().getParent());
        Files.write(image(), image);
        this.imageSha256 = Sha256.of(image);
        restartAgent();
    }

    public void restartAgent() {
        InstantSource clock = () -> now;
        Disks disks = new Disks(account, node, new PlayedDiskTool(), UUID::randomUUID);
        Failpoints deaths = failpoints.deadly();
        keeper = new GuestStateKeeper(new NoChanges(), clock, vm -> {});
        LocationCheck check = new LocationCheck(this::restricted, account, root.resolve("own"));
        movement.forget();
        VmRecordStore memory = new VmRecordStore(root.resolve("memory"));
        Homes homes = folder -> new Home(files(folder), node, UUID::randomUUID, deaths);
        MigrationHandoff handoff = new MigrationHandoff(memory, keeper, homes, deaths);
        movement.onGone(handoff::handOff);
        agent = IncarnationWiringBuilder.builder()
                .nodeName(node)
                .hypervisor(hypervisor)
                .tpms(tpms)
                .envelopes(World::open)
                .locations(check)
                .images(this::look)
                .disks(disks)
                .seeds(new SeedDisc(account, root.resolve("run"), new PlayedDiscTool()))
                .homes(homes)
                .keeper(keeper)
                .records(memory)
                .migrations(movement)
                .handoff(handoff)
                .shutdown(new ShutdownRequest(root.resolve("run")))
                .owners(server)
                .writer(server)
                .emulation(true)
                .failpoints(deaths)
                .clock(clock)
                .random(random)
                .build()
                .pass();
    }

    private ExpectedGuests expected() {
        return new ExpectedGuests(
                memory(), folder -> new Home(files(folder), node, UUID::randomUUID, Failpoints.none()), vm -> {});
    }

    private Images.Result look(VMIncarnationSpec.Machine machine) {
        try {
            return new CopyFolder(location)
                    .find(UUID.fromString(machine.image().uid()))
                    .<Images.Result>map(Images.Result.Found::new)
                    .orElseGet(() -> new Images.Result.Awaited(Optional.ofNullable(wordOfImage)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the kernel does when a file changed, at a moment of the test's choice. */
    public Optional<Duration> copyChanged() {
        return keeper.seal(IncarnationFixture.VM);
    }

    /** The guest stores something in its TPM, which is not noticed before {@link #copyChanged}. */
    public void guestStores(String something) {
        WorkingCopy copy = hypervisor.workingCopy(IncarnationFixture.VM);
        hypervisor.putTpm(
                IncarnationFixture.VM, FakeTpms.state(tpms.probe(copy, null).digest(), something));
    }

    public String stored() {
        return FakeTpms.stored(hypervisor.workingCopy(IncarnationFixture.VM));
    }

    /** The names of the home's files, sorted. */
    public List<String> home() {
        try (Stream<Path> files = Files.list(folder().path())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.contains("guest-state"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path homeFile(String version) {
        return folder().path().resolve(GuestStateName.of(FactsFixture.version(version)));
    }

    public GuestState sealedAs(String version) throws IOException {
        try (GuestStateKey key = KEY.guestStateKey(IncarnationFixture.VM)) {
            Opening opening = SealedGuestState.open(
                    Files.readAllBytes(homeFile(version)), IncarnationFixture.VM, FactsFixture.version(version), key);
            assertThat(opening).isInstanceOf(Opening.Opened.class);
            return ((Opening.Opened) opening).state();
        }
    }

    /** Whoever has the VM's key can put such a file there. */
    public void putHome(String version, String ek, String tpm) throws IOException {
        try (GuestStateKey key = KEY.guestStateKey(IncarnationFixture.VM)) {
            GuestState state = new GuestState(
                    IncarnationFixture.VM,
                    FactsFixture.version(version),
                    ek,
                    tpm.getBytes(UTF_8),
                    VariableStores.with("platform key"));
            Files.write(homeFile(version), SealedGuestState.seal(state, key, random));
        }
    }

    /** From now on every write to the home fails like this; {@code null}: none does. */
    public void failHome(IOException failure) {
        homeFailure = failure;
    }

    private HomeFiles files(VmFolder folder) {
        return new FailingHomeFiles(new DiskHomeFiles(folder.path()), () -> homeFailure);
    }

    private static final class NoChanges implements CopyChanges {
        @Override
        public void watch(WorkingCopy copy) {}

        @Override
        public void forget(UUID vm) {}

        @Override
        public void close() {}
    }

    public VMIncarnation incarnation(long epoch, DesiredState desired) {
        return incarnation(epoch, desired, null, null);
    }

    public VMIncarnation incarnation(long epoch, DesiredState desired, String floor, String approved) {
        VMIncarnationSpec.Machine machine = IncarnationFixture.machine(location.toString(), imageSha256);
        VMIncarnation made = IncarnationFixture.incarnation(
                epoch, desired, machine, Base64.getEncoder().encodeToString(new byte[] {1}));
        VMIncarnationSpec spec = made.getSpec();
        // The operator puts on record what the first life reported.
        made.setSpec(VMIncarnationSpecBuilder.builder(spec)
                .ekDigest(epoch == 1 ? null : server.ekTold().orElse(FakeTpms.ek(1)))
                .guestStateFloor(floor == null ? null : FactsFixture.version(floor))
                .approvedGuestState(approved == null ? null : FactsFixture.version(approved))
                .escrow(escrowing ? Base64.getEncoder().encodeToString(escrow(epoch)) : null)
                .arrival(null)
                .departure(null)
                .build());
        return server.create(made);
    }

    /** Nothing that the agent looks into. */
    public static byte[] escrow(long epoch) {
        return ("escrow of epoch " + epoch).getBytes(UTF_8);
    }

    /** The life that takes over the guest of another, which runs on that node. */
    public VMIncarnation arrival(long epoch, VMIncarnation from) {
        VMIncarnation made = incarnation(epoch, DesiredState.Running);
        VMIncarnationSpec spec = IncarnationFixture.moving(
                made.getSpec(),
                new VMIncarnationSpec.Arrival(
                        from.getSpec().epoch(), from.getSpec().nodeName(), false, copies(from)),
                null);
        made.setSpec(VMIncarnationSpecBuilder.builder(spec).nodeName(node).build());
        return server.create(made);
    }

    private boolean copies(VMIncarnation from) {
        return !from.getSpec().machine().location().path().equals(location.toString());
    }

    /** One pass of the agent over the incarnation as the API server has it. */
    public Duration pass(VMIncarnation incarnation) {
        VMIncarnation seen = server.read(incarnation);
        return agent.run(seen, seen.getSpec().epoch());
    }

    /** As {@link #pass}, and again with a new agent for as long as it dies. */
    public void passUntilItRuns(VMIncarnation incarnation) {
        FailpointFolder.untilItRuns(() -> pass(incarnation), this::restartAgent);
    }

    public void arm(Failpoint point) {
        failpoints.arm(point);
    }

    public boolean isArmed(Failpoint point) {
        return failpoints.isArmed(point);
    }

    /** As {@code trusted-launch-stop-guests} does on the host. */
    public void announceShutdown() throws IOException {
        Files.createDirectories(root.resolve("run"));
        Path request = Files.createFile(root.resolve("run/stop-guests"));
        Files.setLastModifiedTime(request, FileTime.from(now));
    }

    public void callShutdownOff() throws IOException {
        Files.delete(root.resolve("run/stop-guests"));
    }

    public RemainingGuests guestsLeft() {
        return new RemainingGuests(hypervisor, memory(), vm -> Optional.empty());
    }

    public void later(Duration time) {
        now = now.plus(time);
    }

    public VmFolder folder() {
        return new VmFolder(location, IncarnationFixture.VM);
    }

    public VmRecordStore memory() {
        return new VmRecordStore(root.resolve("memory"));
    }

    public Path seed() {
        return root.resolve("run/vms").resolve(IncarnationFixture.VM.toString()).resolve("seed.iso");
    }

    public Path image() {
        return location.resolve(".images").resolve(IncarnationFixture.IMAGE + ".raw");
    }

    public Optional<DomainSpec> domain() {
        return hypervisor.spec(IncarnationFixture.VM);
    }

    private static ProtectionKey key() {
        byte[] key = new byte[ProtectionKey.BYTES];
        key[0] = 1;
        return ProtectionKey.of(key);
    }

    private static EnvelopeContent open(byte[] envelope, EnvelopeAddress expected) {
        return new EnvelopeContent(expected, KEY, Map.of("user-data", new byte[] {'#'}));
    }

    /** A test's folder lies below others' folders: here only the location itself is looked at. */
    private PathFacts restricted(Path path) {
        if (path.startsWith(location)) {
            return new DiskPathInspector().look(path);
        }
        return PathFactsBuilder.builder()
                .path(path)
                .kind(PathFacts.Kind.FOLDER)
                .owner(account.administrator().getName())
                .group("root")
                .mode(0755)
                .accessList(false)
                .build();
    }
}
