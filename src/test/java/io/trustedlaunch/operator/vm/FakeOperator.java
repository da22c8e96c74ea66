package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.api.ImageCatalog;
import io.trustedlaunch.api.ImageEligibilityPolicy;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.custody.EkCertificateAuthority;
import io.trustedlaunch.custody.NodeCertificateVerifier;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.kube.EventDraft;
import io.trustedlaunch.operator.kube.ResourceWriter;
import io.trustedlaunch.operator.kube.StaleViewException;
import io.trustedlaunch.operator.migration.PendingMigrations;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.vm.seal.SealingCertificates;
import io.trustedlaunch.operator.vm.status.EkCertificates;
import io.trustedlaunch.placement.PlacementPolicy;
import io.trustedlaunch.testkit.Incarnations;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** One operator process: the real pass over a cache that may be stale, and a writer that can die. */
public final class FakeOperator implements VmCaches, ResourceWriter, ApiReader {
    /** The process died before or after a write. */
    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    public static final EkCertificateAuthority VTPMS =
            EkCertificateAuthority.create(new SecureRandom(), Instant.parse("2026-01-01T00:00:00Z"));

    private final FakeApiServer server;
    private final VmPass pass;
    private FakeApiServer cache;
    private int writesUntilDeath = Integer.MAX_VALUE;
    private boolean diesBeforeTheWrite;

    public FakeOperator(
            FakeApiServer server,
            String identity,
            List<String> aliveNodes,
            NodeCertificateVerifier verifier,
            Optional<RecoveryCertificate> recovery,
            InstantSource clock) {
        this(server, Leaderships.undisputed(identity), aliveNodes, verifier, recovery, clock);
    }

    FakeOperator(
            FakeApiServer server,
            Leadership leadership,
            List<String> aliveNodes,
            NodeCertificateVerifier verifier,
            Optional<RecoveryCertificate> recovery,
            InstantSource clock) {
        this.server = server;
        this.cache = server.snapshot();
        AgentLiveness liveness = new AgentLiveness(() -> 0L);
        aliveNodes.forEach(node -> liveness.seen("node-" + node, "1"));
        this.pass = VmDependenciesBuilder.builder()
                .namespace(Incarnations.NAMESPACE)
                .leadership(leadership)
                .reader(this)
                .writer(this)
                .liveness(liveness)
                .placementPolicy(PlacementPolicy.DEFAULT)
                .certificates(new SealingCertificates(() -> verifier, clock))
                .ekCertificates(new EkCertificates(() -> VTPMS, clock, new SecureRandom()))
                .pendingMigrations(new PendingMigrations())
                .recovery(recovery)
                .pace(Pace.DEFAULT)
                .failpoints(Failpoints.none())
                .clock(clock)
                .nanoTime(hours())
                .random(new SecureRandom())
                .build()
                .pass(this);
    }

    /** An hour later with every call, so that no start is held back for long. */
    private static LongSupplier hours() {
        AtomicLong hour = new AtomicLong();
        return () -> Duration.ofHours(hour.incrementAndGet()).toNanos();
    }

    public void look() {
        cache = server.snapshot();
    }

    /** A pass over a fresh cache. */
    public void lookAndPass() {
        look();
        pass();
    }

    public void dieAround(int write, boolean before) {
        writesUntilDeath = write;
        diesBeforeTheWrite = before;
    }

    public void pass() {
        try {
            cache.seen(TrustedLaunchVM.class).forEach(pass::over);
        } catch (StaleViewException e) {
            // As in the reconciler: the next pass looks again.
        }
    }

    /** It dies around one of its next writes, if it gets to that. */
    void crash(Random random) {
        dieAround(1 + random.nextInt(2), random.nextBoolean());
        try {
            lookAndPass();
            pass();
        } catch (Crash crash) {
            // Its successor is another process.
        }
    }

    private <T> T write(Supplier<T> write) {
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
        return write(() -> server.createIfAbsent(resource));
    }

    @Override
    public <T extends HasMetadata> T replaceStatus(T resource) {
        return write(() -> server.replaceStatus(resource));
    }

    @Override
    public <T extends HasMetadata> void applyStatus(T part, String owner) {
        throw new UnsupportedOperationException("no pass over a VM does so");
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
    public Secret mergeData(Secret secret, Map<String, String> data) {
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
        return allIncarnations();
    }

    @Override
    public List<VMIncarnation> allIncarnations() {
        return cache.seen(VMIncarnation.class).toList();
    }

    @Override
    public List<VMIncarnation> watchedIncarnationsOf(String identity) {
        return allIncarnations().stream()
                .filter(incarnation -> incarnation.getSpec().vmRef().uid().equals(identity))
                .toList();
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
        return cache.seen(VMMigration.class).toList();
    }

    @Override
    public List<GuestImage> images() {
        return cache.seen(GuestImage.class).toList();
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
    public Optional<Node> kubernetesNode(String name) {
        return Optional.empty();
    }

    @Override
    public List<StorageLocation> locations() {
        return cache.seen(StorageLocation.class).toList();
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

    @Override
    public boolean isTerminating(String namespace) {
        return false;
    }

    @Override
    public Optional<Secret> secret(String namespace, String name) {
        return Optional.empty();
    }

    @Override
    public Optional<TrustedLaunchVM> vm(String namespace, String name) {
        return server.find(TrustedLaunchVM.class, name);
    }

    @Override
    public Optional<VMMigration> migration(String namespace, String name) {
        return server.find(VMMigration.class, name);
    }
}
