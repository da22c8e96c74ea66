package io.trustedlaunch.agent;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.agent.backuplocation.BackupFolderWatch;
import io.trustedlaunch.agent.backuprun.GuestReader;
import io.trustedlaunch.agent.backuprun.StoppedVms;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecords;
import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.disks.Disks;
import io.trustedlaunch.agent.disks.QemuImg;
import io.trustedlaunch.agent.fillserver.HostFillServers;
import io.trustedlaunch.agent.folder.FolderGate;
import io.trustedlaunch.agent.guestinfo.GuestInfoCache;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.gueststate.GuestStateSealing;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.host.BootId;
import io.trustedlaunch.agent.host.Environment;
import io.trustedlaunch.agent.host.HostFolders;
import io.trustedlaunch.agent.identity.IdentitySettings;
import io.trustedlaunch.agent.identity.NodeIdentity;
import io.trustedlaunch.agent.identity.QemuFiles;
import io.trustedlaunch.agent.imagecopy.DiscCopies;
import io.trustedlaunch.agent.imagecopy.ImportPart;
import io.trustedlaunch.agent.imagecopy.ImportPartBuilder;
import io.trustedlaunch.agent.incarnation.ApiAccess;
import io.trustedlaunch.agent.incarnation.ArrivalExpectations;
import io.trustedlaunch.agent.incarnation.FenceReader;
import io.trustedlaunch.agent.incarnation.GuestFilesBuilder;
import io.trustedlaunch.agent.incarnation.IncarnationClient;
import io.trustedlaunch.agent.incarnation.IncarnationPartBuilder;
import io.trustedlaunch.agent.incarnation.IncarnationReconciler;
import io.trustedlaunch.agent.incarnation.OwnershipReader;
import io.trustedlaunch.agent.incarnation.RecordPruner;
import io.trustedlaunch.agent.incarnation.StateTools;
import io.trustedlaunch.agent.incarnation.SupersededGuests;
import io.trustedlaunch.agent.incarnation.ThisHost;
import io.trustedlaunch.agent.incarnation.migration.MigrationHandoff;
import io.trustedlaunch.agent.incarnation.migration.RecordedArrivals;
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
import io.trustedlaunch.agent.metrics.GuestMetrics;
import io.trustedlaunch.agent.metrics.HostMetrics;
import io.trustedlaunch.agent.migration.MigrationPart;
import io.trustedlaunch.agent.migration.ports.MigrationPorts;
import io.trustedlaunch.agent.node.EnrolledNodes;
import io.trustedlaunch.agent.node.Heartbeat;
import io.trustedlaunch.agent.node.KnownNodes;
import io.trustedlaunch.agent.node.LeaderLeaseReader;
import io.trustedlaunch.agent.node.MarkMemory;
import io.trustedlaunch.agent.node.NodeGatherer;
import io.trustedlaunch.agent.node.NodePart;
import io.trustedlaunch.agent.node.NodeReconciler;
import io.trustedlaunch.agent.node.PrimaryAddress;
import io.trustedlaunch.agent.order.OrderQueue;
import io.trustedlaunch.agent.order.OrderSource;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.agent.shutdown.ShutdownRequest;
import io.trustedlaunch.agent.shutdown.ShutdownWatch;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.custody.PullEnvelope;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.process.ApiConnection;
import io.trustedlaunch.process.ApiServerClock;
import io.trustedlaunch.process.ApiWrites;
import io.trustedlaunch.process.Informers;
import io.trustedlaunch.process.Liveness;
import io.trustedlaunch.process.ProductVersion;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Assembles one host's agent. Stopping it touches no VM: VMs belong to the host's libvirt. */
public final class Agent implements AutoCloseable {
    private static final Duration INSPECTION = Duration.ofSeconds(30);
    /** For the handshake and the request of a connection to this agent. */
    private static final Duration CONNECTION_LIMIT = Duration.ofSeconds(10);

    private static final Duration CONVERSION = Duration.ofHours(2);

    /** More than all time limits of a task together, also while neither libvirt nor the API server answers. */
    private static final Duration LONGEST_RUN = Duration.ofMinutes(10);

    private final Liveness liveness = new Liveness(System::nanoTime, LONGEST_RUN);
    private final AgentConfiguration configuration;
    private final KubernetesClient client;
    private final HostTools host;
    private final Environment environment;
    /** Each of its threads waits for one swtpm. */
    private final Executor prober = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("ek-probe-", 0).factory());

    /** One guest after the other: libvirt carries out few calls of a client at a time. A question after the end is dropped. */
    private final ExecutorService guestAsker = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("guest-info").factory(),
            new ThreadPoolExecutor.DiscardPolicy());

    private final GuestInfoCache guestInfos;
    private final ApiServerClock apiServer;
    private final HostFolders folders;
    private final String bootID;
    private final NodeIdentity identity;
    private final NodeEnvelopes envelopes;
    private final AgentMetrics metrics;
    private final AgentWriter writer;
    private final ShutdownRequest shutdownRequest;
    private final LocationCheck locations;
    private final LocationWatch locationWatch;
    private final BackupFolderWatch backupFolders;
    private final Disks disks;
    private final SeedDisc seeds;
    private final ConsoleLogs consoleLogs;
    private final VmRecordStore records;
    private final Homes homes;
    private final ImportPart images;
    private final MarkMemory marks;
    private final OwnershipReader owners;
    private final LeaderLeaseReader dataIsCurrent;
    private final FolderGate gate;
    private final NodePart node;
    private final GuestStateSealing sealing;
    private final SupersededGuests takeovers;
    private final MigrationPart migrations;
    private final IncarnationReconciler incarnations;
    private final OrderQueue<ImageCopy> imports;
    private final SessionsPart sessions;
    private final RunsPart runs;
    private final RecordPruner pruner;
    private final ShutdownWatch shutdown;

    /** @throws HostFolders.InUseException if another agent runs on this host */
    public static Agent onThisHost(
            AgentConfiguration configuration, ApiConnection api, InstantSource clock, SecureRandom random)
            throws HostFolders.InUseException {
        HostFolders folders = HostFolders.open(configuration.stateFolder(), configuration.runFolder());
        HostTools host = HostTools.ofThisHost(
                configuration, new QemuImg(INSPECTION, CONVERSION, configuration.account()), random);
        return new Agent(folders, configuration, api, host, environment(configuration, clock, random));
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
        ApiConnection silent = new ApiConnection(client, new ApiServerClock(System::nanoTime), new ApiWrites());
        return new Agent(folders, configuration, silent, host, environment(configuration, clock, random));
    }

    private static Environment environment(AgentConfiguration configuration, InstantSource clock, SecureRandom random) {
        return new Environment(
                configuration.failpoints().map(Failpoints::in).orElseGet(Failpoints::none), clock, random);
    }

    private Agent(
            HostFolders folders,
            AgentConfiguration configuration,
            ApiConnection api,
            HostTools host,
            Environment environment) {
        this.folders = folders;
        this.apiServer = api.clock();
        this.configuration = configuration;
        this.client = api.client();
        this.host = host;
        this.environment = environment;
        this.guestInfos = new GuestInfoCache(host.hypervisor()::guestInfo, guestAsker, System::nanoTime);
        this.bootID = BootId.in(configuration.runFolder());
        this.identity = identity();
        this.envelopes = new NodeEnvelopes(identity, nodeName());
        this.metrics = new AgentMetrics(identity::channel, CONNECTION_LIMIT, api.writes());
        this.writer = new AgentWriter(client, configuration.namespace(), nodeName());
        this.shutdownRequest = new ShutdownRequest(configuration.runFolder());
        this.locations = new LocationCheck(host.paths(), configuration.account(), configuration.stateFolder());
        this.locationWatch = locationWatch();
        this.backupFolders = new BackupFolderWatch(nodeName(), System::nanoTime, environment.clock(), this::wakeNode);
        this.disks = disks();
        this.seeds = new SeedDisc(configuration.account(), configuration.runFolder(), host.discs());
        this.consoleLogs = new ConsoleLogs(configuration.stateFolder().resolve("consoles"), configuration.account());
        this.records = new VmRecordStore(own("vms"));
        this.homes = folder ->
                new Home(new DiskHomeFiles(folder.path()), nodeName(), UUID::randomUUID, environment.failpoints());
        this.images = images();
        this.marks = new MarkMemory(own("last-mark"), configuration.runFolder().resolve("last-mark"), System::nanoTime);
        this.owners = new OwnershipReader(client);
        this.dataIsCurrent = new LeaderLeaseReader(client, configuration.namespace(), marks);
        this.gate = gate();
        MigrationPorts ports = new MigrationPorts(host.firewall());
        this.node = node(ports);
        this.sealing = new GuestStateSealing(
                environment.clock(), this::wakeVm, metrics.meters().seals());
        this.takeovers = new SupersededGuests(sealing.keeper(), records, host.hypervisor());
        MigrationHandoff handoff = new MigrationHandoff(records, sealing.keeper(), homes, environment.failpoints());
        this.migrations = migrations(ports, handoff);
        this.runs = runs();
        this.incarnations = incarnations(handoff);
        this.imports = images.queue(writer::writeCopyStatus, incarnations::wakeAllOf);
        this.sessions = sessions();
        this.pruner = new RecordPruner(records, host.hypervisor(), this::latest, owners, consoleLogs);
        this.shutdown = new ShutdownWatch(
                shutdownRequest,
                new RemainingGuests(host.hypervisor(), records, this::latest),
                incarnations::isIdle,
                this::wakeAll);
        metrics.add(
                new GuestMetrics(
                        host.hypervisor()::statistics, this::latest, sealing.keeper()::state, guestInfos::known),
                new HostMetrics(
                        Map.of("migration", migrations::port, "console", sessions::port), identity::expirations));
    }

    private NodeIdentity identity() {
        return new NodeIdentity(
                client,
                new IdentitySettings(
                        nodeName(),
                        configuration.namespace(),
                        own("identity"),
                        new QemuFiles(configuration.qemuPki(), configuration.account())),
                environment.clock(),
                environment.random(),
                this::wakeNode);
    }

    private LocationWatch locationWatch() {
        return new LocationWatch(
                locations,
                nodeName(),
                new LocationToken(own("location-token"), environment.random()),
                System::nanoTime,
                environment.clock(),
                this::wakeNode,
                this::lookIntoHomes);
    }

    private Disks disks() {
        return new Disks(
                configuration.account(),
                nodeName(),
                host.disks(),
                configuration.stateFolder().resolve(".image-in-use"),
                UUID::randomUUID);
    }

    private ImportPart images() {
        return ImportPartBuilder.builder()
                .copies(Informers.of(ImageCopy.class, client.resources(ImageCopy.class)))
                .nodeName(nodeName())
                .locations(locations)
                .opener(envelopes.opener(PullEnvelope::open))
                .meter(metrics.meters().imports())
                .environment(environment)
                .build();
    }

    private FolderGate gate() {
        return new FolderGate(
                owners,
                FenceReader.of(client, nodeName(), locationWatch::look, environment.clock()),
                dataIsCurrent,
                folder -> homes.at(folder).versions(),
                nodeName());
    }

    private NodePart node(MigrationPorts ports) {
        Supplier<String> primaryAddress =
                () -> configuration.address().orElseGet(() -> PrimaryAddress.towards(client.getMasterUrl()));
        NodeGatherer gatherer = new NodeGatherer(
                host.hypervisor(),
                host.preflight(),
                identity,
                locationWatch,
                backupFolders::reports,
                disks,
                configuration.migrationPort().isPresent() ? ports::secure : Optional::empty,
                this::migrationPort,
                this::consolePort,
                configuration.emulation(),
                shutdownRequest::isPending,
                ProductVersion.running(),
                environment.clock());
        NodeReconciler reconciler = new NodeReconciler(
                client,
                configuration.namespace(),
                nodeName(),
                gatherer,
                new IncarnationInventory(host.hypervisor(), records),
                marks,
                bootID,
                writer,
                primaryAddress,
                liveness);
        Heartbeat heartbeat =
                new Heartbeat(writer, bootID, environment.clock(), liveness, metrics.meters()::heartbeatFailed);
        return new NodePart(heartbeat, identity, reconciler, locationWatch, host.hypervisor(), primaryAddress);
    }

    private MigrationPart migrations(MigrationPorts ports, MigrationHandoff handoff) {
        KnownNodes known = new KnownNodes(client, System::nanoTime);
        EnrolledNodes enrolled = new EnrolledNodes(client);
        return new MigrationPart(
                host.hypervisor(),
                new MigrationPart.Peers(
                        known::isKnown,
                        enrolled,
                        identity::channel,
                        () -> identity.channel().isPresent()
                                && identity.migrationPending().isEmpty(),
                        CONNECTION_LIMIT),
                new MigrationPart.Guests(
                        new RecordedArrivals(records, homes, this::wakeVm),
                        new ArrivalExpectations(
                                this::latest, host.hypervisor(), seeds, consoleLogs, node::addressOnRecord)::of,
                        metrics.meters().handoffs(handoff::handOff),
                        this::wakeVm),
                seeds,
                LibvirtSettings::daemonSocket,
                ports,
                configuration.runFolder().resolve("migrations"));
    }

    private IncarnationReconciler incarnations(MigrationHandoff handoff) {
        return IncarnationPartBuilder.builder()
                .host(new ThisHost(nodeName(), bootID, configuration.emulation(), shutdownRequest, System::nanoTime))
                .hypervisor(host.hypervisor())
                .guestInfos(guestInfos)
                .records(records)
                .files(GuestFilesBuilder.builder()
                        .locations(locations)
                        .images(images.images())
                        .discs(new DiscCopies(images.images(), configuration.account()))
                        .disks(disks)
                        .seeds(seeds)
                        .consoleLogs(consoleLogs)
                        .build())
                .state(new StateTools(host.tpms(), secrets(), homes, sealing.keeper(), prober))
                .api(new ApiAccess(
                        owners,
                        new IncarnationClient(client, configuration.namespace()),
                        writer::writeStatus,
                        marks::leader))
                .migrations(migrations.migrations())
                .handoff(handoff)
                .gate(gate)
                .hook(runs.hook())
                .steps(metrics.meters()::step)
                .environment(environment)
                .build()
                .reconciler(client, configuration.namespace());
    }

    private RunsPart runs() {
        RunsPart.Vms vms = RunsPartVmsBuilder.builder()
                .guests(new GuestReader(host.hypervisor(), sealing.keeper(), this::latest, shutdownRequest::isPending))
                .secrets(secrets())
                .stopped(new StoppedVms(envelopes.opener(RestoreEnvelope::open), owners, dataIsCurrent))
                .memory(records)
                .locations(locations)
                .gate(gate)
                .build();
        OrderSource orders = new OrderSource(client, configuration.namespace(), nodeName());
        return new RunsPart(
                configuration,
                host,
                envelopes,
                vms,
                new BackupRunRecords(own("backups")),
                HostFillServers.onThisHost(folders.own(), configuration.runFolder(), configuration.account()),
                orders,
                writer,
                environment);
    }

    private Secrets secrets() {
        return new Secrets(envelopes.opener(Envelope::open), nodeName());
    }

    private SessionsPart sessions() {
        return new SessionsPart(
                client,
                envelopes,
                new SessionsPart.Guests(this::latest, host.hypervisor(), consoleLogs),
                identity::channel,
                CONNECTION_LIMIT,
                apiServer.or(environment.clock()),
                AuditLog.ofProcess(environment.clock(), metrics.acts()));
    }

    private String nodeName() {
        return configuration.nodeName();
    }

    private Path own(String name) {
        return folders.own().resolve(name);
    }

    public void start() {
        disks.clearLocalImage();
        runs.clear();
        node.start();
        incarnations.start();
        imports.start();
        runs.start();
        shutdown.start();
        pruner.start();
        configuration.migrationPort().ifPresent(port -> migrations.start(node::listenAddress, port, this::wakeNode));
        configuration.consolePort().ifPresent(port -> sessions.start(node::listenAddress, port, this::wakeNode));
        configuration.metrics().ifPresent(access -> metrics.open(access, node::listenAddress));
    }

    /** The tasks that hang, so that only a restart helps. */
    public Optional<String> notAlive() {
        return liveness.problem();
    }

    /** Why the operator does not hear of this node now. */
    public Optional<String> notReady() {
        return node.problem();
    }

    @Override
    public void close() {
        metrics.close();
        migrations.close();
        sessions.close();
        pruner.close();
        shutdown.close();
        runs.close();
        imports.close();
        incarnations.close();
        guestAsker.shutdownNow();
        sealing.close();
        node.close();
        backupFolders.close();
        host.hypervisor().close();
        folders.close();
    }

    private OptionalInt migrationPort() {
        return migrations.port();
    }

    private OptionalInt consolePort() {
        return sessions.port();
    }

    private Optional<VMIncarnation> latest(UUID vm) {
        return incarnations.latest(vm);
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

    private void wakeVm(UUID vm) {
        incarnations.wake(vm);
    }
}
