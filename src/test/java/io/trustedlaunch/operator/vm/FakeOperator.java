package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.quota.VMQuota;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.custody.EkCertificateAuthority;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.fencing.Fences;
import io.trustedlaunch.operator.fencing.ProvedFences;
import io.trustedlaunch.operator.incarnation.OrphanReconciler;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.kube.TenantSecret;
import io.trustedlaunch.operator.migration.FakeMigrationPass;
import io.trustedlaunch.operator.migration.PendingMigrations;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.Assignments;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.quota.LeftFiles;
import io.trustedlaunch.operator.quota.RetainedFiles;
import io.trustedlaunch.operator.seal.SealingCertificates;
import io.trustedlaunch.operator.vm.facts.FakeBuckets;
import io.trustedlaunch.operator.vm.plan.MacAddresses;
import io.trustedlaunch.operator.vm.status.EkCertificates;
import io.trustedlaunch.placement.PlacementPolicy;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import io.trustedlaunch.testkit.AppliedConditions;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Incarnations;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** One operator process: the real pass over a cache that may be stale, and a writer that can die. */
public final class FakeOperator implements VmCaches, ResourceWriter, ApiReader {
    /** The process died before or after a write. */
    public static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Its UID is the cluster's. */
    public static final String CLUSTER_NAMESPACE = "kube-system";

    public static final EkCertificateAuthority VTPMS =
            EkCertificateAuthority.create(new SecureRandom(), Instant.parse("2026-01-01T00:00:00Z"));

    private final FakeApiServer server;
    private final List<String> woken = new ArrayList<>();
    private final VmPass pass;
    private final InstantSource clock;
    private final FakeMigrationPass migrations;
    private final OrphanReconciler orphans = new OrphanReconciler(this, this);
    private final Allocations allocations = new Allocations();
    private FakeApiServer cache;
    private final List<String> reads = new ArrayList<>();
    private final List<String> audited = new ArrayList<>();
    private final Set<String> lookedAt = new HashSet<>();
    private Predicate<NodeFence> contradicted = fence -> false;
    private Runnable meanwhile = () -> {};
    private Runnable beforeWrite = () -> {};
    private int passes;
    private int writesUntilDeath = Integer.MAX_VALUE;
    private boolean diesBeforeTheWrite;

    /** @param liveness which agents it has heard of lately */
    public FakeOperator(
            FakeApiServer server,
            Leadership leadership,
            Assignments assignments,
            AgentLiveness liveness,
            SealingCertificates certificates,
            Optional<RecoveryCertificate> recovery,
            InstantSource clock) {
        this.server = server;
        this.cache = server.snapshot();
        account();
        PendingMigrations pending = new PendingMigrations();
        this.clock = clock;
        this.migrations = new FakeMigrationPass(() -> cache, this, this, pending, clock);
        this.pass = VmDependenciesBuilder.builder()
                .namespace(Incarnations.NAMESPACE)
                .leadership(leadership)
                .reader(this)
                .writer(this)
                .assignments(assignments)
                .liveness(liveness)
                .fences(fences())
                .placementPolicy(PlacementPolicy.DEFAULT)
                .certificates(certificates)
                .ekCertificates(new EkCertificates(() -> VTPMS, clock, new SecureRandom()))
                .buckets(new FakeBuckets())
                .pendingMigrations(pending)
                .recovery(recovery)
                .backupKeys(() -> ClusterBackupKeys.NONE)
                .pace(Pace.DEFAULT)
                .defaultQuota(Optional.empty())
                .failpoints(Failpoints.none())
                .audit(new AuditLog(clock, audited::add))
                .clock(clock)
                .nanoTime(hours())
                .random(new SecureRandom())
                .build()
                .pass(this);
    }

    /** The real rule, over what its watches and the API server have. */
    private Fences fences() {
        return new ProvedFences(
                () -> cache.seen(NodeFence.class).toList(),
                this::nodeFences,
                this::clusterNode,
                fence -> contradicted.test(fence));
    }

    /** Of the NodeFences that are proved, those whose agent it has heard since. */
    public void contradicting(Predicate<NodeFence> heard) {
        contradicted = heard;
    }

    /** An hour later with every call, so that no start is held back for long. */
    private static LongSupplier hours() {
        AtomicLong hour = new AtomicLong();
        return () -> Duration.ofHours(hour.incrementAndGet()).toNanos();
    }

    /** The lines of its audit log. */
    List<String> audited() {
        return audited;
    }

    public void look() {
        cache = server.snapshot();
        account();
    }

    private void account() {
        allocations.listed(cache.seen(VMIncarnation.class).toList());
    }

    /** The watches of some kinds are ahead of the others. */
    public void look(Predicate<Class<?>> kinds) {
        cache.catchUp(server, kinds);
        account();
    }

    /** Its watch on VMs is late. */
    void lookAtVms(FakeApiServer outdated) {
        cache.catchUp(outdated, TrustedLaunchVM.class::equals);
    }

    /** Its watches begin with what an outdated replica of the API server has. */
    public void lookAt(FakeApiServer outdated) {
        cache = outdated.snapshot();
        account();
    }

    public void dieAround(int write, boolean before) {
        writesUntilDeath = write;
        diesBeforeTheWrite = before;
    }

    /**
     * It stands still before each of its writes from now on, and this happens meanwhile; what it had read before, also uncached,
     * may be outdated when it goes on. Nothing more happens while that goes on.
     */
    public void beforeEachWrite(Runnable event) {
        beforeWrite = event;
    }

    private void standStill() {
        Runnable event = beforeWrite;
        beforeWrite = () -> {};
        event.run();
        beforeWrite = event;
    }

    /** Over one VM. */
    void pass(TrustedLaunchVM vm) {
        cache.seen(TrustedLaunchVM.class)
                .filter(seen ->
                        seen.getMetadata().getUid().equals(vm.getMetadata().getUid()))
                .forEach(seen -> cache.unchangedBy(() -> pass.over(seen)));
    }

    /** Over each VM, to the end. */
    void wholePasses() {
        cache.unchangedBy(() -> cache.seen(TrustedLaunchVM.class).forEach(vm -> unlessStale(() -> pass.over(vm))));
    }

    /** Every other pass is only one step, so that in schedules others act between the steps, too. */
    public void pass() {
        boolean whole = passes++ % 2 == 0;
        cache.unchangedBy(() -> cache.seen(TrustedLaunchVM.class)
                .forEach(vm -> unlessStale(() -> {
                    if (whole) {
                        pass.over(vm);
                    } else {
                        pass.firstStep(vm);
                    }
                })));
    }

    /** The controllers of migrations and of orphans pass over all that they see. */
    public void passOverTheRest() {
        cache.unchangedBy(() -> {
            cache.seen(VMMigration.class).forEach(migration -> unlessStale(() -> migrations.over(migration)));
            cache.seen(VMIncarnation.class)
                    .forEach(incarnation -> unlessStale(() -> orphans.over(incarnation, namesake(incarnation))));
        });
    }

    /** A controller passes over all that it sees. */
    public void pass(BiConsumer<FakeApiServer, ResourceWriter> controller) {
        cache.unchangedBy(() -> unlessStale(() -> controller.accept(cache, this)));
    }

    private Optional<TrustedLaunchVM> namesake(VMIncarnation incarnation) {
        return cache.seen(TrustedLaunchVM.class)
                .filter(vm -> vm.getMetadata()
                        .getName()
                        .equals(incarnation.getSpec().vmRef().name()))
                .findFirst();
    }

    private static void unlessStale(Runnable act) {
        try {
            act.run();
        } catch (StaleViewException e) {
            // As in the reconciler: the next pass looks again.
        }
    }

    private <T> T write(Supplier<T> write) {
        standStill();
        boolean dies = --writesUntilDeath <= 0;
        if (dies && diesBeforeTheWrite) {
            throw new Crash();
        }
        T written = write.get();
        if (dies) {
            throw new Crash();
        }
        return written;
    }

    @Override
    public <T extends HasMetadata> T createIfAbsent(T resource) {
        return write(() -> {
            resource.getMetadata()
                    .setCreationTimestamp(
                            clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
            return server.createIfAbsent(resource);
        });
    }

    @Override
    public <T extends HasMetadata> T replaceStatus(T resource) {
        return write(() -> server.replaceStatus(resource));
    }

    @Override
    public <T extends HasMetadata> void applyStatus(T part, String owner) {
        if (!owner.endsWith("-drain")) {
            throw new UnsupportedOperationException("no pass that is played does so");
        }
        boolean isThere = write(() -> AppliedConditions.apply(server, (ClusterNode) part, ConditionType.Drained));
        if (!isThere) {
            throw new StaleViewException(part.getMetadata().getName() + " is gone");
        }
    }

    @Override
    public <T extends HasMetadata> T setFinalizers(T resource, List<String> finalizers) {
        return write(() -> server.setFinalizers(resource, finalizers));
    }

    @Override
    public <T extends HasMetadata> T setAnnotations(T resource, Map<String, String> annotations) {
        return write(() -> server.setAnnotations(resource, annotations));
    }

    @Override
    public <T extends HasMetadata> T mergeSpec(T resource, Map<String, Object> spec) {
        return write(() -> server.mergeSpec(resource, spec));
    }

    @Override
    public <T extends HasMetadata> T mergeData(T resource, Map<String, String> data) {
        throw new UnsupportedOperationException("no pass over a VM does so");
    }

    @Override
    public void delete(HasMetadata resource) {
        write(() -> {
            server.delete(resource);
            return null;
        });
    }

    @Override
    public void event(HasMetadata about, EventDraft event) {}

    @Override
    public List<VMIncarnation> incarnationsOf(TrustedLaunchVM vm) {
        lookedAt.add(vm.identity());
        return cache.seen(VMIncarnation.class)
                .filter(incarnation -> incarnation.getSpec().vmRef().uid().equals(vm.identity()))
                .toList();
    }

    @Override
    public Allocations allocations() {
        return allocations;
    }

    @Override
    public List<TrustedLaunchVM> allVms() {
        return cache.seen(TrustedLaunchVM.class).toList();
    }

    @Override
    public List<TrustedLaunchVM> vmsIn(String namespace) {
        return cache.seen(TrustedLaunchVM.class).toList();
    }

    @Override
    public List<TrustedLaunchVM> vmsWithAntiAffinityIn(String namespace) {
        return vmsIn(namespace);
    }

    @Override
    public List<VMMigration> migrationsOf(TrustedLaunchVM vm) {
        return cache.seen(VMMigration.class)
                .filter(migration -> migration
                        .getSpec()
                        .vmRef()
                        .name()
                        .equals(vm.getMetadata().getName()))
                .toList();
    }

    @Override
    public List<GuestImage> images() {
        return cache.seen(GuestImage.class).toList();
    }

    @Override
    public List<ImageCopy> imageCopies(String imageUid) {
        return List.of();
    }

    @Override
    public List<ImageEligibilityPolicy> policies() {
        return cache.seen(ImageEligibilityPolicy.class).toList();
    }

    @Override
    public List<ImageCatalog> catalogs() {
        return cache.seen(ImageCatalog.class).toList();
    }

    @Override
    public List<Secret> cachedCatalogs() {
        return List.of();
    }

    @Override
    public List<ClusterNode> clusterNodes() {
        return cache.seen(ClusterNode.class).toList();
    }

    @Override
    public List<ClusterNode> nodesReporting(String identity) {
        return clusterNodes();
    }

    @Override
    public void wake(TrustedLaunchVM vm) {
        woken.add(vm.getMetadata().getName());
    }

    /** The VMs whose turn it may be, in that order. */
    List<String> woken() {
        return woken;
    }

    @Override
    public List<FenceDevice> fenceDevices() {
        return cache.seen(FenceDevice.class).toList();
    }

    @Override
    public List<PriorityClass> priorityClasses() {
        return cache.seen(PriorityClass.class).toList();
    }

    @Override
    public List<VMQuota> quotasIn(String namespace) {
        return cache.seen(VMQuota.class).toList();
    }

    @Override
    public List<Secret> retainedIn(String namespace) {
        return cache.seen(Secret.class)
                .filter(secret -> RetainedFiles.namespace(secret).isPresent())
                .toList();
    }

    @Override
    public List<VMIncarnation> erasingIn(String namespace) {
        return cache.seen(VMIncarnation.class)
                .filter(incarnation -> LeftFiles.namespace(incarnation).isPresent())
                .toList();
    }

    /** The watch shows that the VM is gone. */
    void forget(TrustedLaunchVM vm) {
        pass.forget(vm);
    }

    @Override
    public Optional<Node> kubernetesNode(String name) {
        return cache.seen(Node.class)
                .filter(node -> node.getMetadata().getName().equals(name))
                .findFirst();
    }

    @Override
    public List<StorageLocation> locations() {
        return cache.seen(StorageLocation.class).toList();
    }

    @Override
    public List<VMNetwork> networks() {
        return cache.seen(VMNetwork.class).toList();
    }

    @Override
    public List<TrustedLaunchVM> vmsWithMac(String network, String mac) {
        return allVms().stream()
                .filter(vm -> vm.getSpec().networkInterfaces().stream()
                        .anyMatch(nic -> nic.network().equals(network)
                                && MacAddresses.of(vm.identity(), nic).equals(mac)))
                .toList();
    }

    @Override
    public List<VMIncarnation> incarnationsWithMac(String network, String mac) {
        return cache.seen(VMIncarnation.class)
                .filter(incarnation -> incarnation.getSpec().machine().nics().stream()
                        .anyMatch(nic ->
                                nic.network().equals(network) && nic.mac().equals(mac)))
                .toList();
    }

    @Override
    public Optional<Secret> key(String vmUid) {
        return cache.find(Secret.class, vmUid);
    }

    @Override
    public void created(HasMetadata resource) {
        cache.learn(resource);
    }

    @Override
    public void updated(HasMetadata resource, HasMetadata before) {
        cache.learn(resource);
    }

    /** What it reads from the API server itself. */
    List<String> reads() {
        return List.copyOf(reads);
    }

    /** The VMs whose incarnations it has looked at. */
    Set<String> lookedAt() {
        return Set.copyOf(lookedAt);
    }

    /** Something happens while it next reads a namespace. */
    void meanwhile(Runnable event) {
        meanwhile = event;
    }

    @Override
    public boolean isTerminating(String namespace) {
        reads.add("namespace");
        Runnable event = meanwhile;
        meanwhile = () -> {};
        event.run();
        return false;
    }

    private String cluster() {
        return server.find(Namespace.class, CLUSTER_NAMESPACE)
                .map(found -> found.getMetadata().getUid())
                .orElse(Incarnations.CLUSTER);
    }

    @Override
    public Optional<String> namespaceUid(String namespace) {
        if (namespace.equals(CLUSTER_NAMESPACE)) {
            return Optional.of(cluster());
        }
        reads.add("namespace UID");
        return Optional.of("uid-of-" + namespace);
    }

    @Override
    public Optional<Secret> secret(String namespace, String name) {
        reads.add("secret");
        return server.find(Secret.class, name);
    }

    @Override
    public Optional<ConfigMap> configMap(String namespace, String name) {
        reads.add("config map");
        return server.find(ConfigMap.class, name);
    }

    @Override
    public TenantSecret tenantSecret(String namespace, String name) {
        return secret(namespace, name)
                .<TenantSecret>map(TenantSecret.Found::new)
                .orElseGet(TenantSecret.NotFound::new);
    }

    @Override
    public Optional<VMIncarnation> incarnation(String namespace, String name) {
        return server.find(VMIncarnation.class, name);
    }

    @Override
    public Optional<TrustedLaunchVM> vm(String namespace, String name) {
        reads.add("vm");
        return server.find(TrustedLaunchVM.class, name);
    }

    @Override
    public Optional<VMMigration> migration(String namespace, String name) {
        return server.find(VMMigration.class, name);
    }

    @Override
    public Optional<VMBackup> backup(String namespace, String name) {
        return server.find(VMBackup.class, name);
    }

    @Override
    public List<BackupLocation> backupLocations() {
        return server.seen(BackupLocation.class).toList();
    }

    @Override
    public Optional<BackupLocation> backupLocation(String name) {
        return server.find(BackupLocation.class, name);
    }

    @Override
    public Optional<RestoreRun> restoreRun(String uid) {
        return server.find(RestoreRun.class, uid);
    }

    @Override
    public Optional<DiskFill> diskFill(String uid) {
        return server.find(DiskFill.class, uid);
    }

    @Override
    public Optional<DiskFill> diskFill(String namespace, String name) {
        return server.find(DiskFill.class, name);
    }

    @Override
    public List<TrustedLaunchVM> vms() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Secret> protectionKeys(String namespace) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<BackupRun> backupRuns(String namespace) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<StoredBackupRun> storedBackupRuns(String namespace) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<BackupRun> backupRun(String namespace, String name) {
        return server.find(BackupRun.class, name);
    }

    @Override
    public List<NodeFence> nodeFences() {
        return server.seen(NodeFence.class).toList();
    }

    @Override
    public Optional<ClusterNode> clusterNode(String name) {
        return server.find(ClusterNode.class, name);
    }
}
