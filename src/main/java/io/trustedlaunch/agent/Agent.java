package io.trustedlaunch.agent;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.agent.backup.BackupDisks;
import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.backuprun.BackupWiring;
import io.trustedlaunch.agent.backuprun.BackupWiringBuilder;
import io.trustedlaunch.agent.backuprun.GuestReader;
import io.trustedlaunch.agent.backuprun.record.RunRecords;
import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.console.ConsoleServer;
import io.trustedlaunch.agent.console.ConsoleWatch;
import io.trustedlaunch.agent.console.RecordedConsole;
import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.disks.QemuImg;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.gueststate.CopyChanges;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.gueststate.InotifyChanges;
import io.trustedlaunch.agent.host.BootId;
import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.agent.host.HostFolders;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.VmQueue;
import io.trustedlaunch.agent.hypervisor.GuestConsole;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.identity.IdentitySettings;
import io.trustedlaunch.agent.identity.NodeIdentity;
import io.trustedlaunch.agent.identity.QemuFiles;
import io.trustedlaunch.agent.imagecopy.CopyReconciler;
import io.trustedlaunch.agent.incarnation.ArrivalExpectations;
import io.trustedlaunch.agent.incarnation.FenceReader;
import io.trustedlaunch.agent.incarnation.IncarnationClient;
import io.trustedlaunch.agent.incarnation.IncarnationReconciler;
import io.trustedlaunch.agent.incarnation.IncarnationWiringBuilder;
import io.trustedlaunch.agent.incarnation.OwnershipReader;
import io.trustedlaunch.agent.incarnation.RecordPruner;
import io.trustedlaunch.agent.incarnation.TakeoverWatch;
import io.trustedlaunch.agent.incarnation.migration.ExpectedGuests;
import io.trustedlaunch.agent.incarnation.migration.MigrationHandoff;
import io.trustedlaunch.agent.incarnation.record.IncarnationInventory;
import io.trustedlaunch.agent.incarnation.record.RemainingGuests;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Homes;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.kube.AgentWriter;
import io.trustedlaunch.agent.libvirt.LibvirtSettings;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.location.LocationToken;
import io.trustedlaunch.agent.location.LocationWatch;
import io.trustedlaunch.agent.metrics.AgentMeters;
import io.trustedlaunch.agent.metrics.GuestMetrics;
import io.trustedlaunch.agent.metrics.HostMetrics;
import io.trustedlaunch.agent.migration.EnrolledArrivals;
import io.trustedlaunch.agent.migration.HypervisorMigrations;
import io.trustedlaunch.agent.migration.MigrationServer;
import io.trustedlaunch.agent.migration.ports.MigrationPorts;
import io.trustedlaunch.agent.node.EnrolledNodes;
import io.trustedlaunch.agent.node.Heartbeat;
import io.trustedlaunch.agent.node.HostAddresses;
import io.trustedlaunch.agent.node.KnownNodes;
import io.trustedlaunch.agent.node.LeaderLeaseReader;
import io.trustedlaunch.agent.node.MarkMemory;
import io.trustedlaunch.agent.node.NodeGatherer;
import io.trustedlaunch.agent.node.NodeReconciler;
import io.trustedlaunch.agent.node.PrimaryAddress;
import io.trustedlaunch.agent.order.OrderQueue;
import io.trustedlaunch.agent.order.OrderSource;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.restorerun.LayerFolders;
import io.trustedlaunch.agent.restorerun.RestoreStores;
import io.trustedlaunch.agent.restorerun.RestoreWiringBuilder;
import io.trustedlaunch.agent.run.BucketOpener;
import io.trustedlaunch.agent.run.RunRoom;
import io.trustedlaunch.agent.run.RunStores;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.agent.shutdown.ShutdownRequest;
import io.trustedlaunch.agent.shutdown.ShutdownWatch;
import io.trustedlaunch.agent.storedbackuprun.StoredBackupOrders;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.NodeFence;
import io.trustedlaunch.api.RestoreRun;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.api.StoredBackupRun;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.PullEnvelope;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.custody.StoreEnvelope;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.process.Liveness;
import io.trustedlaunch.process.ProductVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Assembles one host's agent. Stopping it touches no VM: VMs belong to the host's libvirt. */
public final class Agent implements AutoCloseable {
    private static final Duration INSPECTION = Duration.ofSeconds(30);
    /** Sealing mostly waits for the storage location's disks. */
    private static final int SEALING_THREADS = 4;

    /** For the handshake and the request of a connection to this agent. */
    private static final Duration CONNECTION_LIMIT = Duration.ofSeconds(10);

    private static final Duration CONVERSION = Duration.ofHours(2);

    /** Of the largest disks to a slow storage. */
    private static final Duration DISK_COPY = Duration.ofHours(24);

    /** A guest that is to leave waits no longer for its backup than this, and until QEMU has ended it. */
    private static final Duration BACKUP_WATCH = Duration.ofMillis(500);

    /** More than all time limits of a task together, also while neither libvirt nor the API server answers. */
    private static final Duration LONGEST_RUN = Duration.ofMinutes(10);

    private final AgentMetrics metrics;
    private final Liveness liveness = new Liveness(System::nanoTime, LONGEST_RUN);
    private final HostFolders folders;
    private final AgentConfiguration configuration;
    private final Hypervisor hypervisor;
    private final NodeIdentity identity;
    private final LocationWatch watch;
    private Hypervisor.Subscription reach;
    private final NodeReconciler node;
    private final Heartbeat heartbeat;
    private final Disks disks;
    private final VmQueue sealing;
    private final GuestStateKeeper keeper;
    private final TakeoverWatch takeovers;
    private final KnownNodes nodes;
    private final Supplier<String> primaryAddress;
    private final MigrationServer migrationServer;
    private final ConsoleWatch consoles;
    private final ConsoleServer consoleServer;
    private final CopyReconciler copies;
    private final IncarnationReconciler incarnations;
    private final ShutdownWatch shutdown;
    private final OrderQueue<BackupRun> backups;
    private final OrderQueue<StoredBackupRun> storedBackups;
    private final LayerFolders layers;
    private final OrderQueue<RestoreRun> restores;
    private final RecordPruner pruner;

    /** @throws HostFolders.InUseException if another agent runs on this host */
    public static Agent onThisHost(
            AgentConfiguration configuration, KubernetesClient client, InstantSource clock, SecureRandom random)
            throws HostFolders.InUseException {
        HostFolders folders = HostFolders.open(configuration.stateFolder(), configuration.runFolder());
        HostTools host = HostTools.ofThisHost(
                configuration, new QemuImg(INSPECTION, CONVERSION, configuration.account()), random);
        return new Agent(folders, configuration, client, host, clock, random);
    }

    /**
     * With tools of another host, or none.
     *
     * @throws HostFolders.InUseException if another agent uses the folders
     */
    public static Agent with(
            HostTools host,
            AgentConfiguration configuration,
            KubernetesClient client,
            InstantSource clock,
            SecureRandom random)
            throws HostFolders.InUseException {
        HostFolders folders = HostFolders.open(configuration.stateFolder(), configuration.runFolder());
        return new Agent(folders, configuration, client, host, clock, random);
    }

    private Agent(
            HostFolders folders,
            AgentConfiguration configuration,
            KubernetesClient client,
            HostTools host,
            InstantSource clock,
            SecureRandom random) {
        this.folders = folders;
        this.configuration = configuration;
        this.hypervisor = host.hypervisor();
        Path state = configuration.stateFolder();
        Path own = folders.own();
        String name = configuration.nodeName();
        HypervisorAccount account = configuration.account();
        this.identity = new NodeIdentity(
                client,
                new IdentitySettings(
                        name,
                        configuration.namespace(),
                        own.resolve("identity"),
                        new QemuFiles(configuration.qemuPki(), account)),
                clock,
                random,
                this::wakeNode);
        NodeEnvelopes envelopes = new NodeEnvelopes(identity, name);
        this.metrics = new AgentMetrics(identity::channel, CONNECTION_LIMIT);
        EnvelopeOpener<EnvelopeAddress, EnvelopeContent> opener = envelopes.opener(Envelope::open);
        AgentMeters meters = metrics.meters();
        LocationCheck locations = new LocationCheck(host.paths(), account, state);
        this.disks = new Disks(account, name, host.disks(), state.resolve(".image-in-use"), UUID::randomUUID);
        ConsoleLogs consoleLogs = new ConsoleLogs(state.resolve("consoles"), account);
        AgentWriter writer = new AgentWriter(client, configuration.namespace(), name);
        this.watch = new LocationWatch(
                locations,
                name,
                new LocationToken(own.resolve("location-token"), random),
                System::nanoTime,
                clock,
                this::wakeNode,
                this::lookIntoHomes);
        String bootID = BootId.in(configuration.runFolder());
        this.heartbeat = new Heartbeat(writer, bootID, clock, liveness, meters::heartbeatFailed);
        VmRecordStore memory = new VmRecordStore(own.resolve("vms"));
        ShutdownRequest shutdownRequest = new ShutdownRequest(configuration.runFolder());
        SeedDisc seeds = new SeedDisc(account, configuration.runFolder(), host.discs());
        Failpoints failpoints = configuration.failpoints().map(Failpoints::in).orElseGet(Failpoints::none);
        this.copies = new CopyReconciler(
                client,
                name,
                locations,
                envelopes.opener(PullEnvelope::open),
                writer::writeCopyStatus,
                failpoints,
                clock,
                meters.imports());
        Homes homes = folder -> new Home(new DiskHomeFiles(folder.path()), name, UUID::randomUUID, failpoints);
        EnrolledNodes enrolled = new EnrolledNodes(client);
        this.nodes = new KnownNodes(client, System::nanoTime);
        MigrationPorts ports = new MigrationPorts(host.firewall());
        this.migrationServer = new MigrationServer(
                nodes::isKnown,
                identity::channel,
                new EnrolledArrivals(new ExpectedGuests(memory, homes, this::wakeVm), enrolled),
                new ArrivalExpectations(this::latest, hypervisor, seeds, consoleLogs, this::address)::of,
                seeds,
                LibvirtSettings::daemonSocket,
                ports,
                CONNECTION_LIMIT);
        this.consoles = new ConsoleWatch(client, name, this::latest, clock);
        this.consoleServer = new ConsoleServer(
                identity::channel,
                consoles,
                (vm, epoch) -> {
                    GuestConsole live = hypervisor.openConsole(vm, epoch);
                    return new RecordedConsole(consoleLogs.recent(vm), live);
                },
                CONNECTION_LIMIT,
                AuditLog.ofProcess(clock, metrics.acts()));
        this.primaryAddress =
                () -> configuration.address().orElseGet(() -> PrimaryAddress.towards(client.getMasterUrl()));
        MarkMemory marks = new MarkMemory(
                own.resolve("last-mark"), configuration.runFolder().resolve("last-mark"), System::nanoTime);
        this.node = new NodeReconciler(
                client,
                configuration.namespace(),
                name,
                new NodeGatherer(
                        hypervisor,
                        host.preflight(),
                        identity,
                        watch,
                        disks,
                        configuration.migrationPort().isPresent() ? ports::secure : Optional::empty,
                        this::migrationPort,
                        this::consolePort,
                        configuration.emulation(),
                        shutdownRequest::isPending,
                        ProductVersion.running(),
                        clock),
                new IncarnationInventory(hypervisor, memory),
                marks,
                bootID,
                writer,
                primaryAddress,
                liveness);
        this.sealing = new VmQueue("seal", SEALING_THREADS, this::seal);
        this.keeper = new GuestStateKeeper(copyChanges(sealing::wake), clock, this::wakeVm, meters.seals());
        this.takeovers = new TakeoverWatch(keeper, memory, hypervisor);
        LeaderLeaseReader dataIsCurrent = new LeaderLeaseReader(client, configuration.namespace(), marks);
        OwnershipReader owners = new OwnershipReader(client);
        FolderGate gate = new FolderGate(
                owners,
                new FenceReader(
                        name,
                        fence -> Optional.ofNullable(client.resources(NodeFence.class)
                                .withName(fence)
                                .get()),
                        watch::look,
                        () -> client.resources(StorageLocation.class).list().getItems(),
                        clock),
                dataIsCurrent,
                folder -> homes.at(folder).versions(),
                name);
        GuestPause pause = new GuestPause(hypervisor);
        MigrationHandoff handoff = new MigrationHandoff(memory, keeper, homes, failpoints);
        this.incarnations = new IncarnationReconciler(
                client,
                configuration.namespace(),
                name,
                hypervisor,
                memory,
                pause::isPaused,
                IncarnationWiringBuilder.builder()
                        .nodeName(name)
                        .hypervisor(hypervisor)
                        .tpms(host.tpms())
                        .envelopes(opener)
                        .locations(locations)
                        .images(copies.images())
                        .disks(disks)
                        .seeds(seeds)
                        .consoleLogs(consoleLogs)
                        .homes(homes)
                        .keeper(keeper)
                        .records(memory)
                        .migrations(new HypervisorMigrations(
                                hypervisor,
                                identity::channel,
                                enrolled,
                                migrationServer::abortIncoming,
                                seeds,
                                configuration.runFolder().resolve("migrations"),
                                CONNECTION_LIMIT,
                                meters.handoffs(handoff::handOff),
                                this::wakeVm))
                        .handoff(handoff)
                        .shutdown(shutdownRequest)
                        .owners(owners)
                        .gate(gate)
                        .bootID(bootID)
                        .nanoTime(System::nanoTime)
                        .leader(marks::leader)
                        .incarnations(new IncarnationClient(client, configuration.namespace()))
                        .writer(writer::writeStatus)
                        .emulation(configuration.emulation())
                        .failpoints(failpoints)
                        .clock(clock)
                        .random(random)
                        .build()
                        .pass());
        BackupDisks backupDisks = new BackupDisks(new ConfinedTools(account), DISK_COPY);
        RunRoom room = new RunRoom(location -> location.toFile().getUsableSpace());
        OrderSource orders = new OrderSource(client, configuration.namespace(), name);
        RunStores stores =
                new RunStores(FolderStore::new, BucketOpener.of(envelopes.opener(StoreEnvelope::open), name));
        SupervisedWork watched = new SupervisedWork(BACKUP_WATCH);
        this.backups = BackupWiringBuilder.builder()
                .hypervisor(hypervisor)
                .guests(new GuestReader(hypervisor, keeper, incarnations::latest, shutdownRequest::isPending))
                .keeper(keeper)
                .pause(pause)
                .secrets(new Secrets(opener, name))
                .keys(envelopes.opener(RestoreEnvelope::open))
                .owners(owners)
                .dataIsCurrent(dataIsCurrent)
                .vms(memory)
                .records(new RunRecords(own.resolve("backups")))
                .watch(BackupWiring.watchOf(configuration.libvirtUri()))
                .disks(host.disks())
                .copies(backupDisks)
                .account(account)
                .sockets(configuration.runFolder().resolve("backups"))
                .stores(stores)
                .room(room)
                .watched(watched)
                .failpoints(failpoints)
                .clock(clock)
                .random(random)
                .build()
                .queue(orders, writer::writeRunStatus);
        this.storedBackups =
                new StoredBackupOrders(stores, watched, failpoints, clock, writer::writeStoredStatus).queue(orders);
        this.layers = new LayerFolders(state.resolve(".layers"), account);
        this.restores = RestoreWiringBuilder.builder()
                .nodeName(name)
                .hypervisor(hypervisor)
                .locations(locations::problem)
                .envelopes(envelopes.opener(RestoreEnvelope::open))
                .gate(gate)
                .stores(RestoreStores::opened)
                .disks(backupDisks::restore)
                .layers(layers)
                .account(account)
                .room(room)
                .watched(watched)
                .failpoints(failpoints)
                .clock(clock)
                .writer(writer::writeRestoreStatus)
                .build()
                .queue(orders);
        metrics.add(
                new GuestMetrics(hypervisor::statistics, incarnations::latest, keeper::state),
                new HostMetrics(
                        Map.of("migration", this::migrationPort, "console", this::consolePort), identity::expirations));
        this.pruner = new RecordPruner(memory, hypervisor, incarnations::latest, owners, consoleLogs);
        this.shutdown = new ShutdownWatch(
                shutdownRequest,
                new RemainingGuests(hypervisor, memory, incarnations::latest),
                incarnations::isIdle,
                this::wakeAll);
    }

    public void start() {
        disks.clearLocalImage();
        clearLayers();
        heartbeat.start();
        identity.start();
        node.start();
        reach = hypervisor.onReach(node::wake);
        incarnations.start();
        copies.start(incarnations::wakeAllOf);
        backups.start();
        storedBackups.start();
        restores.start();
        shutdown.start();
        pruner.start();
        configuration
                .migrationPort()
                .ifPresent(port -> migrationServer.open(this::listenAddress, port, this::wakeNode));
        configuration.consolePort().ifPresent(this::openConsoles);
        configuration.metrics().ifPresent(access -> metrics.open(access, this::listenAddress));
    }

    private void clearLayers() {
        try {
            layers.clear();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The tasks that hang, so that only a restart helps. */
    public Optional<String> notAlive() {
        return liveness.problem();
    }

    /** Why the operator does not hear of this node now. */
    public Optional<String> notReady() {
        return heartbeat.problem();
    }

    @Override
    public void close() {
        metrics.close();
        migrationServer.close();
        consoleServer.close();
        consoles.close();
        pruner.close();
        shutdown.close();
        storedBackups.close();
        backups.close();
        restores.close();
        copies.close();
        incarnations.close();
        if (reach != null) {
            reach.close();
        }
        sealing.close();
        keeper.close();
        node.close();
        watch.close();
        heartbeat.close();
        identity.close();
        hypervisor.close();
        folders.close();
    }

    /** Empty while the port is closed, or a certificate for migrations is missing. */
    private OptionalInt migrationPort() {
        boolean ready =
                identity.channel().isPresent() && identity.migrationPending().isEmpty();
        return ready ? migrationServer.port() : OptionalInt.empty();
    }

    private OptionalInt consolePort() {
        return identity.channel().isPresent() ? consoleServer.port() : OptionalInt.empty();
    }

    private void openConsoles(int port) {
        consoles.start(consoleServer::checkSessions);
        consoleServer.open(this::listenAddress, port, this::wakeNode);
    }

    private Optional<VMIncarnation> latest(UUID vm) {
        return incarnations.latest(vm);
    }

    private Optional<String> address() {
        return node.addressOnRecord();
    }

    private Optional<InetAddress> listenAddress() {
        return address().map(onRecord -> HostAddresses.listening(onRecord, primaryAddress));
    }

    private void lookIntoHomes(Path location) {
        takeovers.look(location);
    }

    private void wakeNode() {
        node.wake();
    }

    private void wakeAll() {
        node.wake();
        incarnations.wakeAll();
    }

    private Optional<Duration> seal(UUID vm) {
        return keeper.seal(vm);
    }

    private void wakeVm(UUID vm) {
        incarnations.wake(vm);
    }

    private static CopyChanges copyChanges(Consumer<UUID> listener) {
        try {
            return InotifyChanges.notifying(listener);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot watch working copies; raise fs.inotify.max_user_instances on this host", e);
        }
    }
}
