package io.trustedlaunch.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.controller.ClusterClock;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.metrics.ComputedMetrics;
import io.trustedlaunch.metrics.ProcessMetrics;
import io.trustedlaunch.operator.backup.BackupKeySealer;
import io.trustedlaunch.operator.backup.BackupReconciler;
import io.trustedlaunch.operator.backup.BackupRunReconciler;
import io.trustedlaunch.operator.backup.ClusterEscrows;
import io.trustedlaunch.operator.backup.DiskFillReconciler;
import io.trustedlaunch.operator.backup.RemovalGuard;
import io.trustedlaunch.operator.backup.RestoreRunReconciler;
import io.trustedlaunch.operator.backup.RunEscrows;
import io.trustedlaunch.operator.backup.RunLimits;
import io.trustedlaunch.operator.backup.s3.BucketGrants;
import io.trustedlaunch.operator.backup.s3.BucketQueue;
import io.trustedlaunch.operator.backup.s3.QueuedGrants;
import io.trustedlaunch.operator.backuplocation.BackupLocationReconciler;
import io.trustedlaunch.operator.backupschedule.ScheduleReconciler;
import io.trustedlaunch.operator.catalog.CatalogReconciler;
import io.trustedlaunch.operator.console.ConsoleReconciler;
import io.trustedlaunch.operator.download.DownloadReconciler;
import io.trustedlaunch.operator.download.DownloadSealer;
import io.trustedlaunch.operator.fencing.FenceReconciler;
import io.trustedlaunch.operator.fencing.HeardNodes;
import io.trustedlaunch.operator.fencing.ProvedFences;
import io.trustedlaunch.operator.fencing.SilenceCheck;
import io.trustedlaunch.operator.fencing.StrayFenceReconciler;
import io.trustedlaunch.operator.guard.Cordoned;
import io.trustedlaunch.operator.guard.GuardReconciler;
import io.trustedlaunch.operator.identity.BackupKeyStore;
import io.trustedlaunch.operator.identity.IdentityPart;
import io.trustedlaunch.operator.image.ImageReconciler;
import io.trustedlaunch.operator.image.PolicyReconciler;
import io.trustedlaunch.operator.imagecopy.ImportReconciler;
import io.trustedlaunch.operator.imagecopy.RemovalReconciler;
import io.trustedlaunch.operator.incarnation.OrphanReconciler;
import io.trustedlaunch.operator.kube.KubeApiReader;
import io.trustedlaunch.operator.location.LocationReconciler;
import io.trustedlaunch.operator.metrics.AuthorityExpirations;
import io.trustedlaunch.operator.metrics.Caches;
import io.trustedlaunch.operator.metrics.ClusterMetrics;
import io.trustedlaunch.operator.metrics.FenceMetrics;
import io.trustedlaunch.operator.metrics.OperatorMeters;
import io.trustedlaunch.operator.migration.MigrationReconciler;
import io.trustedlaunch.operator.migration.PendingMigrations;
import io.trustedlaunch.operator.network.NetworkReconciler;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.Assignments;
import io.trustedlaunch.operator.node.DrainReconciler;
import io.trustedlaunch.operator.node.EnrolmentReconciler;
import io.trustedlaunch.operator.node.InventoryReconciler;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.node.MachineReconciler;
import io.trustedlaunch.operator.node.MemoryReconciler;
import io.trustedlaunch.operator.node.ReadyReconciler;
import io.trustedlaunch.operator.quota.QuotaReconciler;
import io.trustedlaunch.operator.seal.KeyReleases;
import io.trustedlaunch.operator.seal.SealingCertificates;
import io.trustedlaunch.operator.storedbackup.StoredBackupReconciler;
import io.trustedlaunch.operator.storedbackup.StoredBackupRunReconciler;
import io.trustedlaunch.operator.vm.EscrowGatherer;
import io.trustedlaunch.operator.vm.VmDependencies;
import io.trustedlaunch.operator.vm.VmDependenciesBuilder;
import io.trustedlaunch.operator.vm.VmReconciler;
import io.trustedlaunch.operator.vm.status.EkCertificates;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The operator's controllers, room by room. */
final class Controllers {
    private final OperatorConfiguration configuration;
    private final KubernetesClient client;
    private final String namespace;
    private final String instance;
    private final ResourceWriter writer;
    private final KubeApiReader reader;
    private final Leadership leadership;
    private final IdentityPart identity;
    private final BackupKeyStore backupKeys;
    private final AgentLiveness liveness;
    private final OperatorMeters meters;
    private final AuditLog audit;
    private final ClusterClock clock;
    private final InstantSource apiServer;
    private final SecureRandom random = new SecureRandom();
    private final Failpoints failpoints;
    private final SealingCertificates certificates;
    private final Assignments assignments;
    private final RemovalGuard guard;
    private final QueuedGrants buckets;
    private final FenceReconciler fences;
    private final ProvedFences proved;
    private final PendingMigrations pendingMigrations = new PendingMigrations();

    /** @param instance identifies this process */
    Controllers(
            OperatorConfiguration configuration,
            KubernetesClient client,
            String instance,
            ResourceWriter writer,
            Leadership leadership,
            IdentityPart identity,
            BackupKeyStore backupKeys,
            AgentLiveness liveness,
            HeardNodes heard,
            OperatorMeters meters,
            AuditLog audit,
            ClusterClock clock) {
        this.configuration = configuration;
        this.client = client;
        this.namespace = configuration.namespace();
        this.instance = instance;
        this.writer = writer;
        this.reader = new KubeApiReader(client);
        this.leadership = leadership;
        this.identity = identity;
        this.backupKeys = backupKeys;
        this.liveness = liveness;
        this.meters = meters;
        this.audit = audit;
        this.clock = clock;
        this.apiServer = () -> clock.time().ofServer();
        this.failpoints = configuration.failpoints().map(Failpoints::in).orElseGet(Failpoints::none);
        this.certificates = new SealingCertificates(() -> identity.nodes().verifier(), clock);
        this.assignments = new Assignments(() -> identity.nodes().assignmentKey());
        this.guard = new RemovalGuard(namespace, reader, clock::time);
        this.buckets = new QueuedGrants(
                new BucketGrants(namespace, reader, certificates, guard, clock.withZone(ZoneOffset.UTC), random),
                new BucketQueue(BucketQueue.PATIENCE, System::nanoTime));
        this.fences = fences(heard);
        this.proved = new ProvedFences(fences::cached, reader::nodeFences, reader::clusterNode, fences::isContradicted);
    }

    private FenceReconciler fences(HeardNodes heard) {
        SilenceCheck silence = new SilenceCheck(
                heard,
                namespace,
                instance,
                (leases, name) -> Optional.ofNullable(
                        client.leases().inNamespace(leases).withName(name).get()),
                leadership::confirm);
        return new FenceReconciler(
                silence, configuration.fencingMinLivingPercent(), writer, clock, failpoints, (fence, status) -> {
                    meters.changed(fence, status);
                    raiseForReturnedHost(status);
                });
    }

    /** It does not remember the mark that was raised while it was away, and may soon be the only one left. */
    private void raiseForReturnedHost(NodeFenceStatus status) {
        if (status.phase() == NodeFenceStatus.Phase.Released) {
            leadership.raise();
        }
    }

    void register(Operator operator, ProcessMetrics metrics) {
        identity.register(operator);
        images(operator);
        nodes(operator);
        operator.register(fences);
        operator.register(new StrayFenceReconciler(reader::clusterNode, fences, clock));
        incarnations(operator, metrics);
        operator.register(new VmReconciler(vms()));
        operator.register(new MigrationReconciler(
                namespace,
                writer,
                reader,
                pendingMigrations,
                configuration.migrationRetention(),
                clock,
                meters::ended));
        operator.register(new QuotaReconciler(namespace, writer, clock));
        backups(operator);
        operator.register(new ConsoleReconciler(writer, () -> identity.nodes().certificatePem(), apiServer));
        operator.register(downloads());
        configuration.guardImage().ifPresent(image -> operator.register(guards(image)));
    }

    private DownloadReconciler downloads() {
        return new DownloadReconciler(
                writer,
                liveness,
                certificates,
                new DownloadSealer(namespace, reader, new EscrowGatherer(this::escrowKeys), buckets, random),
                new KeyReleases(reader, writer, audit),
                () -> identity.nodes().certificatePem(),
                apiServer);
    }

    private ClusterBackupKeys escrowKeys() {
        return configuration.backupKey() ? backupKeys.read() : ClusterBackupKeys.NONE;
    }

    private void images(Operator operator) {
        operator.register(new CatalogReconciler(namespace, reader, writer, clock));
        operator.register(new ImageReconciler(namespace, reader, writer, clock));
        operator.register(new PolicyReconciler(writer, clock));
        operator.register(new ImportReconciler(namespace, reader, writer, liveness, certificates, failpoints, random));
        operator.register(new RemovalReconciler(namespace, client, writer, failpoints));
    }

    private void nodes(Operator operator) {
        operator.register(new LocationReconciler(writer, liveness, clock));
        operator.register(new BackupLocationReconciler(writer, buckets, clock));
        operator.register(new NetworkReconciler(writer, clock));
        operator.register(new InventoryReconciler(instance, assignments, writer));
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
    }

    private void incarnations(Operator operator, ProcessMetrics metrics) {
        OrphanReconciler orphans = new OrphanReconciler(reader, writer);
        orphans.bindTo(metrics.registry());
        operator.register(orphans, overrider -> overrider.settingNamespace(namespace));
    }

    private VmDependencies vms() {
        return VmDependenciesBuilder.builder()
                .namespace(namespace)
                .leadership(leadership)
                .reader(reader)
                .writer(writer)
                .assignments(assignments)
                .liveness(liveness)
                .fences(proved)
                .placementPolicy(configuration.placementPolicy())
                .certificates(certificates)
                .ekCertificates(new EkCertificates(identity::vtpms, clock, random))
                .buckets(buckets)
                .pendingMigrations(pendingMigrations)
                .recovery(configuration.recovery())
                .backupKeys(this::escrowKeys)
                .pace(configuration.pace())
                .defaultQuota(configuration.defaultQuota())
                .failpoints(failpoints)
                .audit(audit)
                .clock(clock)
                .nanoTime(System::nanoTime)
                .random(random)
                .build();
    }

    private void backups(Operator operator) {
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
                new BackupKeySealer(namespace, reader, certificates, new KeyReleases(reader, writer, audit), random),
                limits,
                configuration.defaultQuota(),
                leadership::confirm,
                clock::time,
                failpoints));
        operator.register(
                new BackupRunReconciler(namespace, reader, writer, buckets),
                overrider -> overrider.settingNamespace(namespace));
        operator.register(
                new StoredBackupRunReconciler(namespace, reader, writer),
                overrider -> overrider.settingNamespace(namespace));
        operator.register(new StoredBackupReconciler(namespace, writer, liveness, buckets, limits, guard, clock::time));
        operator.register(new ScheduleReconciler(writer, failpoints, clock::time));
        operator.register(
                new RestoreRunReconciler(namespace, reader, writer),
                overrider -> overrider.settingNamespace(namespace));
        operator.register(
                new DiskFillReconciler(namespace, reader, writer), overrider -> overrider.settingNamespace(namespace));
    }

    private GuardReconciler guards(String image) {
        return new GuardReconciler(
                namespace,
                image,
                () -> Optional.ofNullable(client.serviceAccounts()
                        .inNamespace(namespace)
                        .withName(GuardReconciler.ACCOUNT)
                        .get()),
                node -> Optional.ofNullable(client.nodes().withName(node).get())
                        .filter(Cordoned::is)
                        .isPresent(),
                writer,
                apiServer);
    }

    /** @param leading whether this process leads */
    void measure(Operator operator, ProcessMetrics metrics, BooleanSupplier leading) {
        metrics.add(new ComputedMetrics(new FenceMetrics(leading, fences::cached)));
        metrics.add(new ComputedMetrics(new ClusterMetrics(
                leading,
                Caches.of(operator),
                liveness,
                configuration.recovery().isPresent(),
                new AuthorityExpirations(identity.expirations(), System::nanoTime)::byName)));
    }
}
