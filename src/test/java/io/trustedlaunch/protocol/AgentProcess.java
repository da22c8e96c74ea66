package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.disks.FakeDiskTool;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.guestinfo.GuestInfoCache;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.gueststate.NoChanges;
import io.trustedlaunch.agent.host.BootId;
import io.trustedlaunch.agent.host.Environment;
import io.trustedlaunch.agent.host.HostFolders;
import io.trustedlaunch.agent.host.WorkMeter;
import io.trustedlaunch.agent.imagecopy.DiscCopies;
import io.trustedlaunch.agent.incarnation.AgentApi;
import io.trustedlaunch.agent.incarnation.ApiAccess;
import io.trustedlaunch.agent.incarnation.FenceReader;
import io.trustedlaunch.agent.incarnation.GuestFilesBuilder;
import io.trustedlaunch.agent.incarnation.IncarnationPartBuilder;
import io.trustedlaunch.agent.incarnation.IncarnationPass;
import io.trustedlaunch.agent.incarnation.StateTools;
import io.trustedlaunch.agent.incarnation.SupersededGuests;
import io.trustedlaunch.agent.incarnation.ThisHost;
import io.trustedlaunch.agent.incarnation.migration.MigrationHandoff;
import io.trustedlaunch.agent.incarnation.migration.RecordedArrivals;
import io.trustedlaunch.agent.incarnation.record.IncarnationInventory;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Homes;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.location.PlayedProbe;
import io.trustedlaunch.agent.migration.Arrivals;
import io.trustedlaunch.agent.node.LeaderWatch;
import io.trustedlaunch.agent.restorerun.RestoreHook;
import io.trustedlaunch.agent.seed.FakeIsoWriter;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.agent.shutdown.ShutdownRequest;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.testkit.FakeApiServer;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One process of the agent on a host: the real pass, over what its watches have brought. */
final class AgentProcess {
    private final Host host;
    private final HostFolders folders;
    private final AgentApi api;
    private final FakeApiServer server;
    private final GuestStateKeeper keeper;
    private final IncarnationPass pass;
    private final RecordedArrivals recordedArrivals;
    private final HostMigrations migrations;
    private final LeaderWatch leaders;
    private final NodeReport node;
    private final Beacons beacons;
    private final SupersededGuests takeovers;
    private final Restores restores;
    private final List<VirtualClock.Timer> timers;
    private boolean isCutOff;
    private FakeApiServer cache;
    private Consumer<Failpoint> atFailpoint = point -> {};

    /** The operator that it knows to lead; empty until it reported to one. */
    private String leader = "";

    AgentProcess(Host host, FakeApiServer server, Network network, VirtualClock time, RestoreSource source) {
        LocalClock clock = time.of(host.name());
        this.host = host;
        this.folders = lock(host);
        this.server = server;
        this.api = new AgentApi(server);
        feelsLink();
        this.beacons = new Beacons(host, clock, time);
        String bootID = BootId.in(host.runFolder());
        Failpoints failpoints = Failpoints.calling(point -> atFailpoint.accept(point));
        Homes homes = folder -> new Home(
                new DiskHomeFiles(host.throughCache(folder.path())), host.name(), UUID::randomUUID, failpoints);
        VmRecordStore records = host.records();
        this.keeper = new GuestStateKeeper(new NoChanges(), clock, vm -> {}, WorkMeter.NONE);
        this.takeovers = new SupersededGuests(keeper, records, host.hypervisor());
        MigrationHandoff handoff = new MigrationHandoff(records, keeper, homes, failpoints);
        this.migrations = new HostMigrations(host, network, handoff::handOff);
        this.recordedArrivals = new RecordedArrivals(records, homes, vm -> {});
        this.leaders = new LeaderWatch(
                host.throughCache(host.disk().resolve("last-mark")),
                host.runFolder().resolve("last-mark"),
                clock::nanoTime);
        this.node = NodeReportBuilder.builder()
                .host(host)
                .bootID(bootID)
                .server(server)
                .api(api)
                .leaders(leaders)
                .clock(clock)
                .inventory(new IncarnationInventory(host.hypervisor(), records))
                .location(beacons::state)
                .build();
        FolderGate gate = gate(homes, clock);
        this.restores = new Restores(host, api, server, source, gate, clock, point -> atFailpoint.accept(point));
        this.pass = IncarnationPartBuilder.builder()
                .host(new ThisHost(host.name(), bootID, true, new ShutdownRequest(host.runFolder()), clock::nanoTime))
                .files(GuestFilesBuilder.builder()
                        .locations(host.locationCheck())
                        .images(host::image)
                        .discs(new DiscCopies(host::image, host.account()))
                        .disks(new Disks(
                                host.account(),
                                host.name(),
                                new FakeDiskTool(),
                                host.disk().resolve("image"),
                                UUID::randomUUID))
                        .seeds(new SeedDisc(host.account(), host.runFolder(), new FakeIsoWriter()))
                        .consoleLogs(new ConsoleLogs(host.disk().resolve("consoles"), host.account()))
                        .build())
                .state(new StateTools(
                        host.tpms(), new Secrets(host.envelopes(), host.name()), homes, keeper, Runnable::run))
                .api(new ApiAccess(
                        api,
                        api,
                        (incarnation, status) -> host.localized(api.write(incarnation, status)),
                        () -> leader))
                .steps((step, took) -> {})
                .environment(new Environment(failpoints, clock, Dice.SECURE))
                .hypervisor(host.hypervisor())
                .guestInfos(new GuestInfoCache(host.hypervisor()::guestInfo, Runnable::run, clock::nanoTime))
                .records(records)
                .migrations(migrations)
                .handoff(handoff)
                .gate(gate)
                .hook(new RestoreHook())
                .build()
                .pass();
        look();
        probe();
        this.timers = List.of(
                time.every(PlayedProbe.INTERVAL, this::probe), time.every(NodeReport.HEARTBEAT, this::renewLease));
    }

    private FolderGate gate(Homes homes, LocalClock clock) {
        return new FolderGate(
                api,
                new FenceReader(
                        host.name(),
                        this::fence,
                        beacons::look,
                        () -> server.all(StorageLocation.class).map(this::here).toList(),
                        clock),
                () -> !api.isDown() && leaderLease(server).anyMatch(leaders::isCurrent),
                folder -> homes.at(folder).versions(),
                host.name());
    }

    private static HostFolders lock(Host host) {
        try {
            return HostFolders.open(host.disk(), host.runFolder());
        } catch (HostFolders.InUseException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The kernel releases its locks. */
    void die() {
        timers.forEach(VirtualClock.Timer::cancel);
        beacons.close();
        folders.close();
    }

    /** Its watches bring what they have missed. */
    void look() {
        if (!api.isDown()) {
            cache = server.snapshot();
            leaderLease(cache).forEach(leaders::seen);
        }
    }

    private static Stream<Lease> leaderLease(FakeApiServer server) {
        return server.seen(Lease.class).filter(lease -> lease.getMetadata().getNamespace() == null);
    }

    void cutOffFromApiServer(boolean cutOff) {
        isCutOff = cutOff;
        feelsLink();
    }

    boolean isCutOffFromApiServer() {
        return isCutOff;
    }

    /** Its own connection to the API server may be down, or that of its host. */
    void feelsLink() {
        api.setDown(isCutOff || host.reach() != Host.Reach.ALL);
    }

    /** What it also does by itself. */
    void beat() {
        renewLease();
    }

    private void renewLease() {
        if (host.runs() && !api.isDown()) {
            node.renewLease();
        }
    }

    /** Into the homes it looks after each probe. */
    private void probe() {
        if (host.probes()) {
            beacons.probe();
            takeovers.look(host.vms());
        }
    }

    /** It reports its host, and answers the operator that leads. */
    void report(String leader) {
        api.throwIfDown();
        if (cache == null) {
            return;
        }
        this.leader = leader;
        node.pass(cache, leader);
    }

    /** A pass over each VM that it sees or remembers; none before its watches have brought anything. */
    void act() {
        if (cache == null) {
            return;
        }
        Map<UUID, List<VMIncarnation>> here = cache.seen(VMIncarnation.class)
                .filter(incarnation -> incarnation.getSpec().nodeName().equals(host.name()))
                .sorted(Comparator.comparing(
                        incarnation -> incarnation.getSpec().epoch()))
                .map(host::localized)
                .collect(Collectors.groupingBy(
                        incarnation ->
                                UUID.fromString(incarnation.getSpec().vmRef().uid()),
                        TreeMap::new,
                        Collectors.toList()));
        host.records().vms().forEach(vm -> here.putIfAbsent(vm, List.of()));
        here.forEach(pass::run);
        restores.run(cache);
    }

    /** As far as it has seen, nobody wants to stop the guest of this incarnation; also if it has seen nothing yet. */
    boolean mayLetRun(String incarnation) {
        return cache == null
                || cache.find(VMIncarnation.class, incarnation)
                        .filter(one -> one.getSpec().desiredState() == DesiredState.Stopped)
                        .isEmpty();
    }

    /** The kernel reports that files of working copies changed. */
    void seal() {
        host.hypervisor().domains().forEach(domain -> keeper.seal(domain.vm()));
    }

    /** Acts at each failpoint that it passes from now on. */
    void atFailpoint(Consumer<Failpoint> act) {
        atFailpoint = act;
    }

    Arrivals arrivals() {
        return recordedArrivals;
    }

    HostMigrations migrations() {
        return migrations;
    }

    VmFolder folder(UUID vm) {
        return new VmFolder(host.vms(), vm);
    }

    /** As its path is on this host. */
    private StorageLocation here(StorageLocation location) {
        location.setSpec(new StorageLocationSpec(
                host.vms().toString(), location.getSpec().allowedNamespaces()));
        return location;
    }

    private Optional<NodeFence> fence(String name) {
        api.throwIfDown();
        return server.find(NodeFence.class, name);
    }
}
