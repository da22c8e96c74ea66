package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.NODE;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.version;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.backuprun.BackupHook;
import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.diskfill.DiskFillHook;
import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.disks.FakeDiskTool;
import io.trustedlaunch.agent.fillserver.FakeFillServers;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.guestinfo.GuestInfoCache;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.gueststate.NoChanges;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.Environment;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.WorkMeter;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Call;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.imagecopy.DiscCopies;
import io.trustedlaunch.agent.imagecopy.ImageFolder;
import io.trustedlaunch.agent.imagecopy.Images;
import io.trustedlaunch.agent.incarnation.migration.MigrationHandoff;
import io.trustedlaunch.agent.incarnation.migration.RecordedArrivals;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Homes;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.location.DiskPathInspector;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.location.PathFacts;
import io.trustedlaunch.agent.location.PathFactsBuilder;
import io.trustedlaunch.agent.restorerun.RestoreHook;
import io.trustedlaunch.agent.seed.FakeIsoWriter;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.agent.shutdown.ShutdownRequest;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.FormerCluster;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.testkit.FailpointFolder;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Incarnations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** A host in a folder, with a fake hypervisor, and an agent that can die and come back. */
final class World {
    final FakeHypervisor hypervisor;
    final PlayedOperator server;
    final FakeMigrations migrations;
    final FailpointFolder failpoints;
    final FakeTpms tpms = new FakeTpms();
    final FakeFillServers fillServers = new FakeFillServers(Path.of("/run/fill"));
    final Path location;
    final GuestHome home;

    /** Why the image is not here, if that is known. */
    Optional<Problem> imageProblem = Optional.empty();

    /** Whether the operator has a recovery certificate. */
    boolean escrowing = true;

    private final Path root;
    private final String node;
    private final HypervisorAccount account;
    /** The names of those that were carried out. */
    final List<String> steps = new ArrayList<>();

    private Optional<IOException> homeFailure = Optional.empty();
    private Runnable atHomeWrite = () -> {};
    boolean dataIsCurrent = true;
    /** By NodeFence, why it does not let a guest run. */
    final Map<String, Problem> fenceProblems = new HashMap<>();

    private String cluster = Incarnations.CLUSTER;
    /** The cluster that this one recovered the VM from. */
    private Optional<FormerCluster> recoveredFrom = Optional.empty();

    String bootID = "b007";
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private Duration jumped = Duration.ZERO;
    private IncarnationPass agent;
    private GuestStateKeeper keeper;

    World(Path root) throws IOException {
        this(root, NODE, new PlayedOperator(), root.resolve("vms"));
    }

    private World(Path root, String node, PlayedOperator server, Path location) throws IOException {
        this.root = root;
        this.node = node;
        this.server = server;
        this.location = location;
        home = new GuestHome(folder().path());
        account = Accounts.ownerOf(root);
        hypervisor = new FakeHypervisor(root);
        migrations = new FakeMigrations(node, hypervisor);
        failpoints = new FailpointFolder(root.resolve("failpoints"));
        account.makePassage(location);
        importImage();
        restartAgent();
    }

    /** Another host of the same cluster, with the same folder for VMs or one of its own. */
    World connect(String otherNode, Path otherRoot, boolean sharesFolder) throws IOException {
        Path folder = sharesFolder ? location : otherRoot.resolve("vms");
        World other = new World(Files.createDirectory(otherRoot), otherNode, server, folder);
        other.hypervisor.placeDisks(disk -> folder.resolve(location.relativize(disk)));
        hypervisor.connect(otherNode, other.hypervisor);
        other.hypervisor.connect(node, hypervisor);
        migrations.connect(otherNode, other.recordedArrivals());
        other.migrations.connect(node, recordedArrivals());
        return other;
    }

    /** A host with the same folder in another cluster, which recovered the VM from this one. */
    World inAnotherCluster(String otherCluster, String otherNode, long recoveredEpoch) throws IOException {
        World other =
                new World(Files.createDirectory(root.resolve(otherNode)), otherNode, new PlayedOperator(), location);
        other.hypervisor.placeDisks(
                disk -> location.resolve(other.root.resolve("vms").relativize(disk)));
        other.cluster = otherCluster;
        other.recoveredFrom = Optional.of(new FormerCluster(cluster, recoveredEpoch));
        return other;
    }

    /** The new process knows only what is on the disk. */
    void restartAgent() {
        InstantSource clock = () -> now;
        Failpoints deaths = failpoints.deadly();
        Homes homes = homes(deaths);
        keeper = new GuestStateKeeper(new NoChanges(), clock, vm -> {}, WorkMeter.NONE);
        VmRecordStore records = records();
        MigrationHandoff handoff = new MigrationHandoff(records, keeper, homes, deaths);
        migrations.forget();
        migrations.onGone(handoff::handOff);
        agent = IncarnationPartBuilder.builder()
                .host(new ThisHost(node, bootID, true, new ShutdownRequest(root.resolve("run")), this::nanoTime))
                .files(GuestFilesBuilder.builder()
                        .locations(new LocationCheck(this::restricted, account, root.resolve("own")))
                        .images(this::find)
                        .discs(new DiscCopies(this::find, account))
                        .disks(new Disks(account, node, new FakeDiskTool(), localImages(), UUID::randomUUID))
                        .seeds(new SeedDisc(account, root.resolve("run"), new FakeIsoWriter()))
                        .consoleLogs(consoleLogs())
                        .build())
                .state(new StateTools(tpms, new Secrets(World::open, node), homes, keeper, Runnable::run))
                .api(new ApiAccess(server, server, server, () -> "operator-1"))
                .steps((step, took) -> steps.add(step))
                .environment(new Environment(deaths, clock, new SecureRandom()))
                .hypervisor(hypervisor)
                .guestInfos(new GuestInfoCache(hypervisor::guestInfo, Runnable::run, this::nanoTime))
                .records(records)
                .migrations(migrations)
                .handoff(handoff)
                .gate(new FolderGate(
                        server,
                        (fence, location) -> Optional.ofNullable(fenceProblems.get(fence)),
                        () -> dataIsCurrent,
                        folder -> homes.at(folder).versions(),
                        node))
                .hook(IncarnationHook.ofAll(List.of(
                        new BackupHook(node, hypervisor, new GuestPause(hypervisor)),
                        new RestoreHook(),
                        new DiskFillHook(fillServers))))
                .build()
                .pass();
    }

    private long nanoTime() {
        return Duration.between(Instant.EPOCH, now.minus(jumped)).toNanos();
    }

    /** What the agent that imports it does, also after the file was removed. */
    void importImage() throws IOException {
        Files.createDirectories(image().getParent());
        Files.write(image(), GuestImages.bytes());
    }

    private RecordedArrivals recordedArrivals() {
        return new RecordedArrivals(records(), homes(Failpoints.none()), vm -> {});
    }

    private Homes homes(Failpoints deaths) {
        return folder -> new Home(
                new FailingHomeFiles(new DiskHomeFiles(folder.path()), this::homeFailure),
                node,
                UUID::randomUUID,
                deaths);
    }

    private Images.Result find(VMIncarnationSpec.Machine machine) {
        return new ImageFolder(location)
                .find(machine.image())
                .<Images.Result>map(Images.Result.Found::new)
                .orElseGet(() -> new Images.Result.Awaited(imageProblem));
    }

    private static EnvelopeContent open(byte[] envelope, EnvelopeAddress expected) {
        return new EnvelopeContent(expected, GuestHome.KEY, Map.of("user-data", new byte[] {'#'}));
    }

    /** The folders above a test's own belong to others: only the location itself is inspected. */
    private PathFacts restricted(Path path) {
        if (path.startsWith(location)) {
            return new DiskPathInspector().inspect(path);
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

    /** An incarnation that the operator wants to run on this host. */
    VMIncarnation incarnation(long epoch) {
        return incarnation(epoch, spec -> spec);
    }

    private VMIncarnation incarnation(long epoch, UnaryOperator<VMIncarnationSpecBuilder> more) {
        VMIncarnationSpec.Location folder = new VMIncarnationSpec.Location("default", location.toString());
        VMIncarnationSpecBuilder spec = Incarnations.spec(epoch)
                .nodeName(node)
                .cluster(cluster)
                .recoveredFrom(recoveredFrom.orElse(null))
                .machine(Incarnations.machine().location(folder).build())
                .ekDigest(epoch == 1 ? null : ek())
                .envelope(base64(new byte[] {1}))
                .escrow(escrowing ? base64(escrow(epoch)) : null);
        return server.create(Incarnations.incarnation(more.apply(spec).build(), null));
    }

    /** The operator has on record what the first incarnation reported. */
    private String ek() {
        return server.reportedEks().stream().findFirst().orElse(FakeTpms.ek(1));
    }

    /** The incarnation that takes over the guest of another one, on another node. */
    VMIncarnation arrival(long epoch, VMIncarnation source) {
        VMIncarnationSpec from = source.getSpec();
        boolean copies = !from.machine().location().path().equals(location.toString());
        return incarnation(epoch, spec -> spec.arrival(new Arrival(from.epoch(), from.nodeName(), false, copies)));
    }

    /** The operator makes the next incarnation, which owns the VM from now on, and the agent starts it. */
    VMIncarnation start(long epoch) {
        return start(epoch, spec -> spec);
    }

    VMIncarnation start(long epoch, String floor) {
        return start(epoch, spec -> spec.guestStateFloor(version(floor)));
    }

    VMIncarnation start(long epoch, String floor, String approved) {
        return start(epoch, spec -> spec.guestStateFloor(version(floor)).approvedGuestState(version(approved)));
    }

    VMIncarnation start(long epoch, UnaryOperator<VMIncarnationSpecBuilder> more) {
        VMIncarnation next = incarnation(epoch, more);
        server.own(epoch, node);
        later(Duration.ofMinutes(1));
        passWithRestarts(next);
        return next;
    }

    /** The operator wants the incarnation to stop, and its guest obeys. */
    void stop(VMIncarnation running) {
        server.desire(running, DesiredState.Stopped);
        pass(running);
        hypervisor.powerOff(VM);
        pass(running);
    }

    /** One pass of the agent over the incarnation, as the API server has it. */
    Duration pass(VMIncarnation incarnation) {
        VMIncarnation latest = server.read(incarnation);
        return agent.run(latest, latest.getSpec().epoch());
    }

    /** As {@link #pass}; an agent that dies is restarted, and passes again. */
    void passWithRestarts(VMIncarnation incarnation) {
        FailpointFolder.untilItRuns(() -> pass(incarnation), this::restartAgent);
    }

    /** The agent dies in its pass, at that point. */
    void dieAt(Failpoint point, VMIncarnation incarnation) {
        failpoints.arm(point);
        assertThatThrownBy(() -> pass(incarnation)).isInstanceOf(FailpointFolder.Died.class);
    }

    void later(Duration time) {
        now = now.plus(time);
    }

    /** The host's clock is set; the steady one goes on. */
    void jump(Duration time) {
        later(time);
        jumped = jumped.plus(time);
    }

    Instant now() {
        return now;
    }

    private Optional<IOException> homeFailure() {
        Runnable event = atHomeWrite;
        atHomeWrite = () -> {};
        event.run();
        return homeFailure;
    }

    /** Something happens when the agent next writes to the home. */
    void atNextHomeWrite(Runnable event) {
        atHomeWrite = event;
    }

    /** From now on every write to the home fails like this. */
    void failHome(String message) {
        homeFailure = Optional.of(new IOException(message));
    }

    void healHome() {
        homeFailure = Optional.empty();
    }

    VMIncarnationStatus status(VMIncarnation incarnation) {
        return server.read(incarnation).getStatus();
    }

    Reason reason(VMIncarnation incarnation) {
        return Reason.valueOf(status(incarnation).reason());
    }

    /** Of the VM's domain, if there is one. */
    Optional<DomainState> state() {
        return hypervisor.find(VM).map(DomainInfo::state);
    }

    /** How often a domain was resumed for the first time after it was made. */
    long domainsCreated() {
        return hypervisor.calls().stream()
                .filter(call -> call.operation() == Operation.CREATE_PAUSED)
                .count();
    }

    long guestsStarted() {
        long started = 0;
        boolean fresh = false;
        for (Call call : hypervisor.calls()) {
            if (call.operation() == Operation.CREATE_PAUSED) {
                fresh = true;
            }
            if (call.operation() == Operation.RESUME && fresh) {
                started++;
                fresh = false;
            }
        }
        return started;
    }

    void assertRuns() {
        assertThat(state()).contains(new DomainState.Running());
    }

    void assertDoesNotRun() {
        assertThat(state().filter(DomainState.Running.class::isInstance)).isEmpty();
    }

    void assertPaused() {
        assertThat(state()).get().isInstanceOf(DomainState.Paused.class);
    }

    WorkingCopy copy() {
        return hypervisor.workingCopy(VM);
    }

    void assertCopyErased() {
        assertThat(copy().state()).isEqualTo(WorkingCopy.State.ABSENT);
    }

    /** The guest stores something in its TPM; the agent does not notice before {@link #copyChanged}. */
    void guestStores(String content) {
        hypervisor.putTpm(VM, FakeTpms.state(tpms.probe(copy(), null).digest(), content));
    }

    /** The content that the guest stored in its TPM. */
    String stored() {
        return FakeTpms.stored(copy());
    }

    /** The kernel reports that a file of the working copy changed. */
    Optional<Duration> copyChanged() {
        return keeper.seal(VM);
    }

    /** Any content: agents do not read it. */
    static byte[] escrow(long epoch) {
        return ("escrow of epoch " + epoch).getBytes(UTF_8);
    }

    static String base64(byte[] content) {
        return Base64.getEncoder().encodeToString(content);
    }

    VmFolder folder() {
        return new VmFolder(location, VM);
    }

    ConsoleLogs consoleLogs() {
        return new ConsoleLogs(root.resolve("consoles"), account);
    }

    VmRecordStore records() {
        return new VmRecordStore(root.resolve("records"));
    }

    Path record() {
        return root.resolve("records").resolve(VM + ".json");
    }

    Path seed() {
        return root.resolve("run/vms").resolve(VM.toString()).resolve("seed.iso");
    }

    /** Where images are copied before a tool opens them. */
    Path localImages() {
        return root.resolve(".image-in-use");
    }

    Path image() {
        return location.resolve(".images").resolve(GuestImages.UID);
    }
}
