package io.trustedlaunch.operator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationSpec;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.incarnation.VMMigrationStatusBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.operator.node.DrainFacts.Guest;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which migrations keep a drain from beginning others. */
class DrainSlotsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final DrainBudget BUDGET = new DrainBudget(2, 5);

    private final Watched watched = new Watched(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());

    @Test
    void migrationsOfUsersHoldUpNoDrain() {
        have("host-a", "a", "b");
        have("host-b", "t1", "t2", "t3", "t4", "t5");
        for (int vm = 1; vm <= 5; vm++) {
            migrates("t" + vm, "mine", "host-b", Map.of());
        }

        assertThat(begun("host-a")).containsExactly("a", "b");
    }

    @Test
    void migrationsOfUsersFromTheSameNodeHoldUpNoDrain() {
        have("host-a", "a", "b", "t1", "t2");
        migrates("t1", "mine", "host-a", Map.of());
        migrates("t2", "mine", "host-a", Map.of());

        assertThat(begun("host-a")).containsExactly("a", "b");
    }

    @Test
    void theLabelOfADrainOnAMigrationFromAnotherNodeHoldsUpNoDrain() {
        have("host-a", "a", "b");
        have("host-b", "t1", "t2", "t3", "t4", "t5", "t6");
        for (int vm = 1; vm <= 5; vm++) {
            migrates("t" + vm, "mine", "host-b", Map.of(Api.LABEL_DRAIN, "host-a"));
        }
        // The operator has not seen it yet: its VM says from where it would leave.
        watched.migrations.add(migration("t6", "mine", Map.of(Api.LABEL_DRAIN, "host-a"), null));

        assertThat(begun("host-a")).containsExactly("a", "b");
    }

    @Test
    void migrationsOfTheDrainUseItsSlots() {
        have("host-a", "a", "b", "c");
        migrates("a", "drain-a-1", "host-a", Map.of(Api.LABEL_DRAIN, "host-a"));
        assertThat(begun("host-a")).hasSize(1).doesNotContain("a");

        watched.migrations.set(0, migration("a", "drain-a-1", Map.of(Api.LABEL_DRAIN, "host-a"), null));
        assertThat(begun("host-a")).hasSize(1).doesNotContain("a");
    }

    @Test
    void drainsOfOtherNodesUseTheSlotsOfTheCluster() {
        have("host-a", "a", "b");
        have("host-b", "b1", "b2");
        have("host-c", "c1", "c2");
        for (String node : List.of("b", "c")) {
            for (int vm = 1; vm <= 2; vm++) {
                String name = node + vm;
                migrates(name, "drain-" + name + "-1", "host-" + node, Map.of(Api.LABEL_DRAIN, "host-" + node));
            }
        }

        assertThat(begun("host-a")).hasSize(1);
    }

    /** Otherwise each pass gives a slot to a migration that is there already. */
    @Test
    void namesThatUsersHaveTakenHoldUpNoDrain() {
        List<String> taken = List.of("drain-a-999999999", "drain-a-1000000000", "drain-a-1000000001");

        assertThat(taken).doesNotContain(DrainName.next("a", taken));
    }

    private List<String> begun(String node) {
        DrainGatherer gatherer = new DrainGatherer(watched, BUDGET, () -> NOW);
        return DrainPlanner.plan(gatherer.gather(draining(node))).begin().stream()
                .map(Guest::name)
                .sorted()
                .toList();
    }

    private static ClusterNode draining(String name) {
        ClusterNode node = new ClusterNode();
        node.setMetadata(
                new ObjectMetaBuilder().withName(name).withGeneration(1L).build());
        node.setSpec(new ClusterNodeSpec("192.0.2.1", Maintenance.Drain, null, null));
        return node;
    }

    private void have(String node, String... names) {
        for (String name : names) {
            TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
            vm.getMetadata().setName(name);
            vm.getMetadata().setUid("uid-" + name);
            vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                    .observedGeneration(1L)
                    .epoch(1L)
                    .nodeName(node)
                    .conditions(List.of(new Conditions(List.of(), 1L, NOW)
                            .of(ConditionType.Migratable, Conditions.State.True, Reason.Migratable, "it can")))
                    .build());
            watched.vms.add(vm);
            watched.incarnations.add(Incarnations.incarnation(
                    Incarnations.spec(1)
                            .vmRef(new VmRef(Vms.NAMESPACE, name, "uid-" + name, null))
                            .nodeName(node)
                            .build(),
                    VMIncarnationStatusBuilder.builder().phase(Phase.Running).build()));
        }
    }

    private void migrates(String vm, String name, String source, Map<String, String> labels) {
        watched.migrations.add(migration(vm, name, labels, source));
    }

    private static VMMigration migration(String vm, String name, Map<String, String> labels, String source) {
        VMMigration migration = new VMMigration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withNamespace(Vms.NAMESPACE)
                .withName(name)
                .withLabels(labels)
                .build());
        migration.setSpec(new VMMigrationSpec(new ObjectRef(vm), null));
        if (source != null) {
            migration.setStatus(VMMigrationStatusBuilder.builder()
                    .observedGeneration(1L)
                    .phase(VMMigrationStatus.Phase.Migrating)
                    .startTime(NOW.toString())
                    .sourceNode(source)
                    .build());
        }
        return migration;
    }

    private record Watched(List<TrustedLaunchVM> vms, List<VMIncarnation> incarnations, List<VMMigration> migrations)
            implements DrainCaches {
        @Override
        public boolean isEvicted(String node) {
            return false;
        }

        @Override
        public List<VMIncarnation> incarnationsOn(String node) {
            return incarnations.stream()
                    .filter(incarnation -> incarnation.getSpec().nodeName().equals(node))
                    .toList();
        }

        @Override
        public Optional<TrustedLaunchVM> vm(String namespace, String name) {
            return vms.stream()
                    .filter(vm -> vm.getMetadata().getName().equals(name))
                    .findFirst();
        }

        @Override
        public void created(VMMigration migration) {
            migrations.add(migration);
        }
    }
}
