package io.trustedlaunch.operator.vm;

import com.sun.management.ThreadMXBean;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.catalog.CatalogReader;
import io.trustedlaunch.operator.migration.PendingMigrations;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.quota.QuotaLedger;
import io.trustedlaunch.operator.seal.SealingCertificates;
import io.trustedlaunch.operator.vm.facts.FakeBuckets;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.plan.VmPlanner;
import io.trustedlaunch.operator.vm.plan.VmStep;
import io.trustedlaunch.operator.vm.status.EkCertificates;
import io.trustedlaunch.operator.vm.status.VmStatus;
import io.trustedlaunch.placement.PlacementPolicy;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import io.trustedlaunch.testkit.Incarnations;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What a pass over a VM costs that has settled, as after a restart of the operator: processor time of the one thread, and what
 * it allocates. The watches, the gatherer, the planner and the status are the product's; the objects are in memory.
 */
final class PassBenchmark {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final int NODES = Integer.getInteger("bench.nodes", 20);
    private static final int VMS = Integer.getInteger("bench.vms", 2_000);
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 10);

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final InstantSource clock = InstantSource.fixed(NOW);
    private final VmGatherer gatherer;
    private final VmPlanner planner = new VmPlanner(Incarnations.NAMESPACE, false, Pace.DEFAULT);
    private final VmPass pass;
    private final List<TrustedLaunchVM> vms;

    private PassBenchmark() {
        NodeCertificateAuthority authority = NodeCertificateAuthority.create(
                PublishedAuthority.NODES, new SecureRandom(), NOW, Duration.ofDays(365));
        BenchmarkWorld world = new BenchmarkWorld(NODES, VMS, 20, false);
        world.certify(authority, NOW);
        vms = world.running();
        SealingCertificates certificates = new SealingCertificates(authority::verifier, clock);
        world.clusterNodes().forEach(node -> seal(world, node, certificates));
        WatchedWorld watched = new WatchedWorld();
        watched.has(ClusterNode.class, "", world.clusterNodes());
        watched.has(
                Node.class,
                "",
                world.clusterNodes().stream()
                        .flatMap(node -> world.kubernetesNode(node.getMetadata().getName()).stream())
                        .toList());
        watched.has(
                VMIncarnation.class,
                "",
                vms.stream().flatMap(vm -> world.incarnationsOf(vm).stream()).toList());
        watched.has(
                Secret.class,
                Api.PROTECTION_KEY_TYPE,
                vms.stream().flatMap(vm -> world.key(vm.identity()).stream()).toList());
        watched.has(GuestImage.class, "", world.images());
        watched.has(ImageEligibilityPolicy.class, "", world.policies());
        watched.has(StorageLocation.class, "", world.locations());
        watched.has(VMNetwork.class, "", world.networks());
        AgentLiveness liveness = new AgentLiveness(() -> 0L);
        world.clusterNodes()
                .forEach(node -> liveness.seen("node-" + node.getMetadata().getName(), "1"));
        VmDependencies dependencies = VmDependenciesBuilder.builder()
                .namespace(Incarnations.NAMESPACE)
                .leadership(Leaderships.undisputed(BenchmarkWorld.LEADER))
                .reader(new EmptyReader())
                .writer(writer())
                .assignments(Leaderships.assignments())
                .liveness(liveness)
                .fences(Map::of)
                .placementPolicy(PlacementPolicy.DEFAULT)
                .certificates(certificates)
                .ekCertificates(new EkCertificates(() -> FakeOperator.VTPMS, clock, new SecureRandom()))
                .buckets(new FakeBuckets())
                .pendingMigrations(new PendingMigrations())
                .recovery(Optional.empty())
                .backupKeys(() -> ClusterBackupKeys.NONE)
                .pace(Pace.DEFAULT)
                .defaultQuota(Optional.empty())
                .failpoints(Failpoints.none())
                .audit(new AuditLog(clock, line -> {}))
                .clock(clock)
                .nanoTime(() -> 0L)
                .random(new SecureRandom())
                .build();
        VmEventSources sources = watched.watch(vms, dependencies);
        pass = dependencies.pass(sources);
        gatherer = new VmGatherer(
                Incarnations.NAMESPACE,
                () -> Incarnations.CLUSTER,
                new EmptyReader(),
                sources,
                new NodeGatherer(
                        sources,
                        liveness,
                        dependencies.certificates(),
                        dependencies.leadership(),
                        dependencies.assignments()),
                Map::of,
                PlacementPolicy.DEFAULT,
                new RestartDelays(() -> 0L),
                new CatalogReader(),
                new RestoreGatherer(
                        new EmptyReader(),
                        sources,
                        new EscrowGatherer(() -> ClusterBackupKeys.NONE),
                        new FakeBuckets(),
                        clock),
                new QuotaLedger(Optional.empty(), sources),
                clock);
    }

    /** Only to whom an envelope is sealed can be seen, so all of a node have the same. */
    private static void seal(BenchmarkWorld world, ClusterNode node, SealingCertificates certificates) {
        String name = node.getMetadata().getName();
        SecureRandom random = new SecureRandom();
        String envelope = Base64.getEncoder()
                .encodeToString(Envelope.seal(
                        new EnvelopeContent(
                                new EnvelopeAddress(UUID.randomUUID().toString(), 1, name),
                                ProtectionKey.generate(random),
                                Map.of("user-data", new byte[512])),
                        certificates.recipient(name, node.status()),
                        random));
        world.running().stream()
                .flatMap(vm -> world.incarnationsOf(vm).stream())
                .filter(incarnation -> incarnation.getSpec().nodeName().equals(name))
                .forEach(incarnation -> Incarnations.change(incarnation, spec -> spec.envelope(envelope)));
    }

    /** A VM that has settled is not written. */
    private static ResourceWriter writer() {
        return (ResourceWriter) Proxy.newProxyInstance(
                ResourceWriter.class.getClassLoader(),
                new Class<?>[] {ResourceWriter.class},
                (proxy, method, arguments) -> {
                    throw new IllegalStateException(method.getName() + " of " + arguments[0]);
                });
    }

    public static void main(String... arguments) {
        try {
            new PassBenchmark().run();
        } catch (IllegalStateException e) {
            e.printStackTrace(System.out);
        } finally {
            // Informers keep threads.
            System.exit(0);
        }
    }

    private void run() {
        System.out.printf(
                "%d nodes, %d VMs; microseconds of processor time and KiB for a VM that has settled%n", NODES, VMS);
        System.out.printf("%-8s %8s %8s %8s %8s %8s%n", "round", "pass", "KiB", "gather", "decide", "status");
        long cold = time();
        for (TrustedLaunchVM vm : vms) {
            VmFacts facts = gatherer.gather(vm);
            vm.setStatus(VmStatus.of(facts, settled(planner.plan(facts)), NOW).orElseThrow());
        }
        System.out.printf("%-8s %8.1f   of a process that has just started%n", "first", each(time() - cold));
        for (int round = 0; round < ROUNDS; round++) {
            long allocated = allocated();
            long begun = time();
            vms.forEach(pass::over);
            long whole = time() - begun;
            long bytes = allocated() - allocated;
            long gather = 0;
            long decide = 0;
            long status = 0;
            for (TrustedLaunchVM vm : vms) {
                long start = time();
                VmFacts facts = gatherer.gather(vm);
                long gathered = time();
                VmStep step = planner.plan(facts);
                long decided = time();
                boolean same = VmStatus.of(facts, step, NOW).equals(facts.vm().status());
                status += time() - decided;
                gather += gathered - start;
                decide += decided - gathered;
                if (!same) {
                    throw new IllegalStateException("not settled: " + vm.getStatus());
                }
            }
            System.out.printf(
                    "%-8d %8.1f %8.1f %8.1f %8.1f %8.1f%n",
                    round, each(whole), bytes / 1024.0 / VMS, each(gather), each(decide), each(status));
        }
    }

    private static VmStep settled(VmStep step) {
        if (step instanceof VmStep.Settled) {
            return step;
        }
        throw new IllegalStateException(step.toString());
    }

    private static double each(long nanos) {
        return nanos / 1e3 / VMS;
    }

    private long time() {
        return threads.getCurrentThreadCpuTime();
    }

    private long allocated() {
        return threads.getCurrentThreadAllocatedBytes();
    }
}
