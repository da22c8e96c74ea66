package io.trustedlaunch.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.trustedlaunch.api.NodeFenceStatus;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.controller.KubeLeaderLease;
import io.trustedlaunch.controller.KubeWriter;
import io.trustedlaunch.controller.SameObject;
import io.trustedlaunch.custody.EkCertificateAuthority;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.metrics.AuditedActs;
import io.trustedlaunch.metrics.ComputedMetrics;
import io.trustedlaunch.metrics.ProcessMetrics;
import io.trustedlaunch.operator.backup.BackupReconciler;
import io.trustedlaunch.operator.backup.BackupRunReconciler;
import io.trustedlaunch.operator.backup.ClusterEscrows;
import io.trustedlaunch.operator.backup.RestoreRunReconciler;
import io.trustedlaunch.operator.backup.RunEscrows;
import io.trustedlaunch.operator.backup.RunLimits;
import io.trustedlaunch.operator.backup.SealedBackupKeys;
import io.trustedlaunch.operator.backup.s3.BucketGrants;
import io.trustedlaunch.operator.backup.s3.BucketQueue;
import io.trustedlaunch.operator.backup.s3.QueuedGrants;
import io.trustedlaunch.operator.backupschedule.ScheduleReconciler;
import io.trustedlaunch.operator.catalog.CatalogReconciler;
import io.trustedlaunch.operator.console.ConsoleReconciler;
import io.trustedlaunch.operator.fencing.FenceReconciler;
import io.trustedlaunch.operator.fencing.HeardNodes;
import io.trustedlaunch.operator.fencing.LeaseHistory;
import io.trustedlaunch.operator.fencing.ProvedFences;
import io.trustedlaunch.operator.fencing.SilenceCheck;
import io.trustedlaunch.operator.fencing.StrayFenceReconciler;
import io.trustedlaunch.operator.guard.Cordoned;
import io.trustedlaunch.operator.guard.GuardReconciler;
import io.trustedlaunch.operator.identity.AuthorityKind;
import io.trustedlaunch.operator.identity.AuthorityStore;
import io.trustedlaunch.operator.identity.BackupKeyStore;
import io.trustedlaunch.operator.identity.IdentityReconciler;
import io.trustedlaunch.operator.identity.IdentitySettings;
import io.trustedlaunch.operator.identity.KubeIdentityWriter;
import io.trustedlaunch.operator.identity.NodeAuthorities;
import io.trustedlaunch.operator.image.ImageReconciler;
import io.trustedlaunch.operator.image.PolicyReconciler;
import io.trustedlaunch.operator.imagecopy.ImportReconciler;
import io.trustedlaunch.operator.imagecopy.RemovalReconciler;
import io.trustedlaunch.operator.incarnation.OrphanReconciler;
import io.trustedlaunch.operator.kube.KubeApiReader;
import io.trustedlaunch.operator.kube.SharedInformers;
import io.trustedlaunch.operator.location.LocationReconciler;
import io.trustedlaunch.operator.metrics.AuthorityExpirations;
import io.trustedlaunch.operator.metrics.Caches;
import io.trustedlaunch.operator.metrics.ClusterMetrics;
import io.trustedlaunch.operator.metrics.FenceMetrics;
import io.trustedlaunch.operator.metrics.OperatorMeters;
import io.trustedlaunch.operator.metrics.SdkMetrics;
import io.trustedlaunch.operator.migration.MigrationReconciler;
import io.trustedlaunch.operator.migration.PendingMigrations;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.Assignments;
import io.trustedlaunch.operator.node.DrainReconciler;
import io.trustedlaunch.operator.node.EnrolmentReconciler;
import io.trustedlaunch.operator.node.InventoryReconciler;
import io.trustedlaunch.operator.node.KubeMarkedLease;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.node.LeaseWatch;
import io.trustedlaunch.operator.node.MachineReconciler;
import io.trustedlaunch.operator.node.MemoryReconciler;
import io.trustedlaunch.operator.node.ReadyReconciler;
import io.trustedlaunch.operator.quota.QuotaReconciler;
import io.trustedlaunch.operator.storedbackup.StoredBackupReconciler;
import io.trustedlaunch.operator.storedbackup.StoredBackupRunReconciler;
import io.trustedlaunch.operator.vm.VmDependenciesBuilder;
import io.trustedlaunch.operator.vm.VmReconciler;
import io.trustedlaunch.operator.vm.seal.SealingCertificates;
import io.trustedlaunch.operator.vm.status.EkCertificates;
import io.trustedlaunch.process.ApiClient;
import io.trustedlaunch.process.PeriodicTasks;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the controllers from the configuration. */
public final class OperatorProcess {
    /** The leader Lease. The inventories of nodes answer its holder. */
    public static final String LEASE = "trusted-launch-operator";

    private static final Logger LOG = LoggerFactory.getLogger(OperatorProcess.class);

    private static final int ENDED = 1;

    /** A kubelet waits for 30 seconds. */
    private static final Duration STOPPING = Duration.ofSeconds(20);

    /** For passes that have begun. */
    private static final Duration LAST_PASSES = Duration.ofSeconds(5);

    /** An agent that was cut off for longer than this does not remember the last mark. */
    private static final Duration UNTIL_A_MARK_IS_DUE = Duration.ofSeconds(1);

    /** A default object that was deleted comes back before that is forgotten. */
    private static final Duration DEFAULTS_INTERVAL = Duration.ofMinutes(1);

    private final OperatorConfiguration configuration;

    /** New at each start: inventories that answer an earlier process are outdated. */
    private final String identity = UUID.randomUUID().toString();

    private final Clock clock = Clock.systemUTC();
    private final SecureRandom random = new SecureRandom();
    private final Readiness readiness = new Readiness();
    private volatile boolean leading;
    private final ProcessMetrics metrics = new ProcessMetrics(SdkMetrics.filters());
    private final OperatorMeters meters = new OperatorMeters(
            metrics.registry(), () -> leading, () -> readiness.problem().isEmpty());
    private final AuditLog audit = AuditLog.ofProcess(clock, new AuditedActs(metrics.registry()));
    private volatile boolean stopping;

    public OperatorProcess(OperatorConfiguration configuration) {
        this.configuration = configuration;
    }

    /** Runs until the process ends, or until an access policy is missing or changed. */
    public void run() throws IOException, InterruptedException {
        if (configuration.healthPort().isPresent()) {
            Endpoints.health(configuration.healthPort().getAsInt(), readiness);
        }
        if (configuration.metricsPort().isPresent()) {
            metrics.measureJvm();
            Endpoints.metrics(configuration.metricsPort().getAsInt(), metrics);
        }
        configuration.recovery().ifPresent(this::logRecipient);
        KubernetesClient client = ApiClient.connect();
        AccessGate gate = new AccessGate(new AccessPolicies(configuration.namespace(), client), readiness);
        gate.await();
        AgentLiveness liveness = new AgentLiveness(System::nanoTime);
        HeardNodes heard = new HeardNodes(new LeaseHistory(System::nanoTime), new LeaseHistory(System::nanoTime));
        try (LeaseWatch agents = new LeaseWatch(client, configuration.namespace(), heard.agents(liveness));
                LeaseWatch kubelets = new LeaseWatch(client, HeardNodes.KUBELETS, heard.ofKubelets());
                ScheduledExecutorService periodic = Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("periodic").factory())) {
            DefaultObjects defaults = defaults(client);
            BackupKeyStore backupKeys = backupKeys(client);
            Operator operator =
                    new Operator(overrider -> configure(overrider, client, () -> lead(periodic, defaults, backupKeys)));
            Leadership leadership = register(operator, client, liveness, heard, backupKeys);
            PeriodicTasks.start(periodic, UNTIL_A_MARK_IS_DUE, UNTIL_A_MARK_IS_DUE, leadership::raiseIfDue);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(operator, leadership)));
            LOG.info("Starting as {} in namespace {}", identity, configuration.namespace());
            operator.start();
            while (!gate.isBroken()) {
                Thread.sleep(Duration.ofMinutes(1));
            }
            LOG.error("The access policies of the agents are missing or changed; restarting, to wait for them");
        }
    }

    /** It does not remember the mark that was raised while it was away, and may soon be the only one left. */
    private static void raiseForReturnedHost(NodeFenceStatus status, Leadership leadership) {
        if (status.phase() == NodeFenceStatus.Phase.Released) {
            leadership.raise();
        }
    }

    private void lead(ScheduledExecutorService periodic, DefaultObjects defaults, BackupKeyStore backupKeys) {
        leading = true;
        PeriodicTasks.start(periodic, Duration.ZERO, DEFAULTS_INTERVAL, defaults::apply);
        if (configuration.backupKey()) {
            PeriodicTasks.start(periodic, Duration.ZERO, DEFAULTS_INTERVAL, backupKeys::present);
        }
    }

    /** In a shutdown hook, so it must end in any case. */
    private void stop(Operator operator, Leadership leadership) {
        LOG.info("Stopping");
        stopping = true;
        // Not in the common pool: answers of the API server pass through it.
        CompletableFuture.runAsync(
                        operator::stop, task -> Thread.ofPlatform().daemon().start(task))
                .thenRun(leadership::release)
                .orTimeout(STOPPING.toSeconds(), TimeUnit.SECONDS)
                .exceptionally(e -> {
                    LOG.warn("The leader Lease was not given up: another process leads when it expires", e);
                    return null;
                })
                .join();
    }

    /** The SDK would run the shutdown hook, which waits for a lock that the SDK holds then. */
    private void lost() {
        if (!stopping) {
            end("it does not lead any more");
        }
    }

    /** An expired certificate still serves its purpose: its private key opens the escrows. */
    private void logRecipient(RecoveryCertificate certificate) {
        LOG.info("Protection keys are escrowed for {}", certificate);
        if (!certificate.isValidAt(clock.instant())) {
            LOG.warn("{} is not valid now; it is used nevertheless", certificate);
        }
    }

    /** Ends at once; the supervisor of the process starts it again. */
    private static void end(String reason) {
        LOG.error("Restarting with a new identity: {}", reason);
        Runtime.getRuntime().halt(ENDED);
    }

    private BackupKeyStore backupKeys(KubernetesClient client) {
        return new BackupKeyStore(
                configuration.namespace(),
                new KubeApiReader(client),
                new KubeWriter(client, clock, identity),
                random,
                clock);
    }

    private DefaultObjects defaults(KubernetesClient client) {
        return new DefaultObjects(
                configuration.defaults(),
                wanted -> Optional.ofNullable(client.resource(wanted).get()),
                new KubeWriter(client, clock, identity)::applyUnlessChanged);
    }

    /** @param begin called once this process leads */
    private void configure(ConfigurationServiceOverrider overrider, KubernetesClient client, Runnable begin) {
        overrider
                .withKubernetesClient(SharedInformers.of(client))
                // The Lease is released after that.
                .withCloseClientOnStop(false)
                .withReconciliationTerminationTimeout(LAST_PASSES)
                .withResourceCloner(new SameObject())
                .withMetrics(SdkMetrics.in(metrics.registry()))
                // The chart installs the CRDs; the operator has no permission to read them.
                .checkingCRDAndValidateLocalModel(false)
                .withUseSSAToPatchPrimaryResource(false)
                .withLeaderElectionConfiguration(LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(LEASE)
                        .withLeaseNamespace(configuration.namespace())
                        .withIdentity(identity)
                        .withLeaseDuration(configuration.leaseDuration())
                        .withRenewDeadline(configuration.renewDeadline())
                        .withRetryPeriod(configuration.retryPeriod())
                        .withLeaderCallbacks(new LeaderCallbacks(begin, this::lost, leader -> {}))
                        // The process ends by the callback, which runs no shutdown hook.
                        .buildForTest(false));
    }

    private Leadership register(
            Operator operator,
            KubernetesClient client,
            AgentLiveness liveness,
            HeardNodes heard,
            BackupKeyStore backupKeys) {
        String namespace = configuration.namespace();
        KubeIdentityWriter identityWriter = new KubeIdentityWriter(client);
        AuthorityStore<NodeCertificateAuthority> authority =
                new AuthorityStore<>(AuthorityKind.NODES, client, identityWriter, namespace, random, clock);
        AuthorityStore<NodeCertificateAuthority> qemuAuthority =
                new AuthorityStore<>(AuthorityKind.QEMU, client, identityWriter, namespace, random, clock);
        AuthorityStore<EkCertificateAuthority> vtpmAuthority =
                new AuthorityStore<>(AuthorityKind.VTPMS, client, identityWriter, namespace, random, clock);
        operator.register(new IdentityReconciler(
                new IdentitySettings(namespace, IdentitySettings.DEFAULT_LIFETIME),
                new NodeAuthorities(authority, qemuAuthority),
                identityWriter,
                clock,
                random));
        KubeWriter writer = new KubeWriter(client, clock, identity);
        Leadership leadership = new Leadership(
                identity,
                new KubeMarkedLease(
                        new KubeLeaderLease(client, namespace, LEASE, writer),
                        writer,
                        configuration.retryPeriod(),
                        clock),
                () -> authority.present().markKey(),
                System::nanoTime,
                OperatorProcess::end);
        KubeApiReader reader = new KubeApiReader(client);
        operator.register(new CatalogReconciler(namespace, reader, writer, clock));
        operator.register(new ImageReconciler(namespace, reader, writer, clock));
        operator.register(new PolicyReconciler(writer, clock));
        Failpoints failpoints = configuration.failpoints().map(Failpoints::in).orElseGet(Failpoints::none);
        SealingCertificates certificates =
                new SealingCertificates(() -> authority.present().verifier(), clock);
        operator.register(new ImportReconciler(namespace, reader, writer, liveness, certificates, failpoints, random));
        operator.register(new RemovalReconciler(namespace, client, writer, failpoints));
        operator.register(new LocationReconciler(writer, liveness, clock));
        OrphanReconciler orphans = new OrphanReconciler(reader, writer);
        orphans.bindTo(metrics.registry());
        operator.register(orphans, overrider -> overrider.settingNamespace(namespace));
        Assignments assignments = new Assignments(() -> authority.present().assignmentKey());
        operator.register(new InventoryReconciler(identity, assignments, writer));
        SilenceCheck silence = new SilenceCheck(
                heard,
                namespace,
                identity,
                (leases, name) -> Optional.ofNullable(
                        client.leases().inNamespace(leases).withName(name).get()),
                leadership::confirm);
        FenceReconciler fences = new FenceReconciler(
                silence, configuration.fencingMinLivingPercent(), writer, clock, failpoints, (fence, status) -> {
                    meters.changed(fence, status);
                    raiseForReturnedHost(status, leadership);
                });
        operator.register(fences);
        operator.register(new StrayFenceReconciler(reader::clusterNode, fences, clock));
        ProvedFences proved = new ProvedFences(fences::cached, reader::nodeFences, reader::clusterNode);
        PendingMigrations pendingMigrations = new PendingMigrations();
        QueuedGrants buckets = new QueuedGrants(
                new BucketGrants(namespace, reader, certificates, clock, random),
                new BucketQueue(BucketQueue.PATIENCE, System::nanoTime));
        operator.register(new VmReconciler(VmDependenciesBuilder.builder()
                .namespace(namespace)
                .leadership(leadership)
                .reader(reader)
                .writer(writer)
                .assignments(assignments)
                .liveness(liveness)
                .fences(proved)
                .placementPolicy(configuration.placementPolicy())
                .certificates(certificates)
                .ekCertificates(new EkCertificates(vtpmAuthority::present, clock, random))
                .buckets(buckets)
                .pendingMigrations(pendingMigrations)
                .recovery(configuration.recovery())
                .backupKeys(() -> configuration.backupKey() ? backupKeys.read() : ClusterBackupKeys.NONE)
                .pace(configuration.pace())
                .defaultQuota(configuration.defaultQuota())
                .failpoints(failpoints)
                .audit(audit)
                .clock(clock)
                .nanoTime(System::nanoTime)
                .random(random)
                .build()));
        operator.register(new MigrationReconciler(
                namespace,
                writer,
                reader,
                pendingMigrations,
                configuration.migrationRetention(),
                clock,
                meters::ended));
        RunEscrows escrows = new ClusterEscrows(
                namespace,
                reader,
                () -> configuration.backupKey() ? backupKeys.present() : ClusterBackupKeys.NONE,
                random);
        RunLimits limits = new RunLimits(namespace, reader);
        operator.register(new BackupReconciler(
                namespace,
                reader,
                writer,
                proved,
                buckets,
                escrows,
                new SealedBackupKeys(namespace, reader, certificates, audit, random),
                limits,
                configuration.defaultQuota(),
                leadership::confirm,
                clock,
                failpoints));
        operator.register(new QuotaReconciler(namespace, writer));
        operator.register(
                new BackupRunReconciler(namespace, reader, writer, buckets),
                overrider -> overrider.settingNamespace(namespace));
        operator.register(
                new StoredBackupRunReconciler(namespace, reader, writer),
                overrider -> overrider.settingNamespace(namespace));
        operator.register(new StoredBackupReconciler(namespace, writer, liveness, buckets, limits, clock));
        operator.register(new ScheduleReconciler(writer, failpoints, clock));
        operator.register(
                new RestoreRunReconciler(namespace, reader, writer),
                overrider -> overrider.settingNamespace(namespace));
        operator.register(
                new ConsoleReconciler(writer, () -> authority.present().certificatePem(), clock));
        EnrolmentReconciler enrolment = new EnrolmentReconciler(
                namespace,
                () -> Optional.ofNullable(client.configMaps()
                        .inNamespace(namespace)
                        .withName(EnrolmentReconciler.MAINTENANCE)
                        .get()),
                writer,
                clock,
                audit);
        operator.register(enrolment);
        liveness.onRenewal(enrolment::renewed);
        operator.register(new ReadyReconciler(liveness, writer, clock));
        operator.register(new MachineReconciler(writer, clock));
        operator.register(new MemoryReconciler(writer, clock));
        operator.register(new DrainReconciler(
                namespace, configuration.guardImage().isPresent(), writer, configuration.drainBudget(), clock));
        configuration
                .guardImage()
                .ifPresent(image -> operator.register(new GuardReconciler(
                        namespace,
                        image,
                        () -> Optional.ofNullable(client.serviceAccounts()
                                .inNamespace(namespace)
                                .withName(GuardReconciler.ACCOUNT)
                                .get()),
                        node -> Optional.ofNullable(
                                        client.nodes().withName(node).get())
                                .filter(Cordoned::is)
                                .isPresent(),
                        writer,
                        clock)));
        metrics.add(new ComputedMetrics(new FenceMetrics(() -> leading, fences::cached)));
        metrics.add(new ComputedMetrics(new ClusterMetrics(
                () -> leading,
                Caches.of(operator),
                liveness,
                configuration.recovery().isPresent(),
                new AuthorityExpirations(
                        Map.of(
                                AuthorityKind.NODES.name(), authority::expiration,
                                AuthorityKind.QEMU.name(), qemuAuthority::expiration,
                                AuthorityKind.VTPMS.name(), vtpmAuthority::expiration),
                        System::nanoTime)::byName)));
        return leadership;
    }
}
