package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.PublishedAuthority;
import io.trustedlaunch.operator.catalog.CatalogReader;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.quota.QuotaLedger;
import io.trustedlaunch.operator.seal.SealingCertificates;
import io.trustedlaunch.operator.vm.facts.FakeBuckets;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.plan.VmPlanner;
import io.trustedlaunch.operator.vm.plan.VmStep;
import io.trustedlaunch.operator.vm.status.VmStatus;
import io.trustedlaunch.placement.PlacementPolicy;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import io.trustedlaunch.testkit.Incarnations;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * How long a decision about one VM takes in a large cluster: what is read from the watches, then the decision with the
 * status that it writes. Prints durations and asserts nothing of them; {@code bin/bench} runs it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PlacementBenchmark {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final int NODES = Integer.getInteger("bench.nodes", 1_000);
    private static final int VMS = Integer.getInteger("bench.vms", 10_000);
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 1_000);
    private static final int WARM_UP = 300;

    private final NodeCertificateAuthority authority =
            NodeCertificateAuthority.create(PublishedAuthority.NODES, new SecureRandom(), NOW, Duration.ofDays(365));

    @BeforeAll
    void printTheHead() {
        System.out.printf(
                "%d nodes, %d VMs; milliseconds for one VM%n%-58s %8s %8s %8s %8s%n",
                NODES, VMS, "", "read p50", "p99", "all p50", "p99");
    }

    @Test
    void withoutAffinity() {
        BenchmarkWorld world = world(100, false);
        measure(world, "start", i -> world.applied(i, false));
        List<TrustedLaunchVM> running = world.running();
        measure(world, "running VM, and where it could move", i -> running.get(i % running.size()));
    }

    @Test
    void antiAffinityInNamespacesOfAHundred() {
        BenchmarkWorld world = world(100, true);
        measure(world, "start, anti-affinity, namespaces of VMs/100", i -> world.applied(i, true));
        List<TrustedLaunchVM> running = world.running();
        measure(world, "running, anti-affinity, namespaces of VMs/100", i -> running.get(i % running.size()));
    }

    @Test
    void antiAffinityInOneNamespace() {
        BenchmarkWorld world = world(1, true);
        measure(world, "start, anti-affinity, all in one namespace", i -> world.applied(i, true));
        List<TrustedLaunchVM> running = world.running();
        measure(world, "running, anti-affinity, all in one namespace", i -> running.get(i % running.size()));
    }

    private void measure(BenchmarkWorld world, String what, IntFunction<TrustedLaunchVM> vms) {
        VmGatherer gatherer = gatherer(world);
        VmPlanner planner = new VmPlanner(Incarnations.NAMESPACE, false, Pace.DEFAULT);
        long[] reading = new long[ROUNDS];
        long[] all = new long[ROUNDS];
        for (int i = -WARM_UP; i < ROUNDS; i++) {
            TrustedLaunchVM vm = vms.apply(Math.floorMod(i * 7, VMS));
            long begun = System.nanoTime();
            VmFacts facts = gatherer.gather(vm);
            long read = System.nanoTime();
            VmStep step = planner.plan(facts);
            boolean written = VmStatus.of(facts, step, NOW).isPresent();
            long decided = System.nanoTime();
            assertThat(written).as("%s", step).isTrue();
            if (i >= 0) {
                reading[i] = read - begun;
                all[i] = decided - begun;
            } else if (i == -1) {
                System.out.printf("%-58s", what + " (" + step.getClass().getSimpleName() + ")");
            }
        }
        System.out.printf(
                " %8.2f %8.2f %8.2f %8.2f%n",
                percentile(reading, 50), percentile(reading, 99), percentile(all, 50), percentile(all, 99));
    }

    private static double percentile(long[] nanos, int percent) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[(sorted.length - 1) * percent / 100] / 1e6;
    }

    private BenchmarkWorld world(int namespaces, boolean keepApart) {
        BenchmarkWorld world = new BenchmarkWorld(NODES, VMS, namespaces, keepApart);
        world.certify(authority, NOW);
        return world;
    }

    private VmGatherer gatherer(BenchmarkWorld world) {
        AgentLiveness liveness = new AgentLiveness(() -> 0L);
        IntStream.range(0, NODES).forEach(i -> liveness.seen("node-" + BenchmarkWorld.nodeName(i), "1"));
        InstantSource clock = InstantSource.fixed(NOW);
        SealingCertificates checked = new SealingCertificates(authority::verifier, clock);
        EscrowGatherer escrows = new EscrowGatherer(() -> ClusterBackupKeys.NONE);
        return new VmGatherer(
                Incarnations.NAMESPACE,
                () -> Incarnations.CLUSTER,
                new EmptyReader(),
                world,
                new NodeGatherer(
                        world,
                        liveness,
                        checked,
                        Leaderships.undisputed(BenchmarkWorld.LEADER),
                        Leaderships.assignments()),
                java.util.Map::of,
                PlacementPolicy.DEFAULT,
                new RestartDelays(() -> 0L),
                new CatalogReader(),
                new RestoreGatherer(new EmptyReader(), world, escrows, new FakeBuckets(), clock),
                new QuotaLedger(Optional.empty(), world),
                clock);
    }
}
