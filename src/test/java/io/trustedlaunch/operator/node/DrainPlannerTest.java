package io.trustedlaunch.operator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationSpec;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMMigrationStatusBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.vm.EvictionStrategy;
import io.trustedlaunch.operator.node.DrainFacts.Guest;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DrainPlannerTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final DrainBudget BUDGET = new DrainBudget(2, 5);

    private final List<Guest> guests = new ArrayList<>();
    private final List<VMMigration> migrations = new ArrayList<>();
    private Maintenance maintenance = Maintenance.Drain;
    private boolean evicted;
    private int elsewhere;

    @Test
    void anEmptyNodeIsDrained() {
        assertDrained("True", "Drained", "no VMs are on the node");
    }

    @Test
    void aNodeThatIsDrainedInKubernetesIsDrained() {
        maintenance = Maintenance.None;
        have("a");
        assertThat(begun()).isEmpty();
        assertThat(plan().drained()).isEmpty();
        evicted = true;
        assertThat(begun()).containsExactly("a");
        assertDrained("False", "Draining", "1 VM left; migrating: finance/a");
    }

    @Test
    void theBudgetOfTheNodeLimitsHowManyLeaveAtOnce() {
        have("a", "b", "c");
        assertThat(begun()).containsExactly("a", "b");
        assertDrained("False", "Draining", "3 VMs left; migrating: finance/a, finance/b; waiting: finance/c");
    }

    @Test
    void migrationsUnderWayUseTheBudget() {
        have("b", "c");
        guests.add(guest("a", true, EvictionStrategy.LiveMigrate, null, true));
        migrations.add(migration("a", 1, Phase.Migrating, null));
        assertThat(begun()).containsExactly("b");
    }

    @Test
    void theBudgetOfTheClusterAppliesToAllNodes() {
        have("a", "b");
        elsewhere = 4;
        assertThat(begun()).containsExactly("a");
        elsewhere = 5;
        assertThat(begun()).isEmpty();
        assertDrained("False", "Draining", "waiting: finance/a, finance/b");
    }

    @Test
    void anExistingMigrationIsNotCreatedAgain() {
        have("a");
        migrations.add(migration("a", 1, null, null));
        assertThat(begun()).isEmpty();
    }

    @Test
    void aPendingMigrationUsesNoSlot() {
        have("a", "b", "c");
        migrations.add(migration("a", 1, Phase.Pending, null));
        assertThat(begun()).containsExactly("b", "c");
    }

    @Test
    void theDrainWaitsForAVmThatStartsOrStops() {
        guests.add(guest("a", false, EvictionStrategy.LiveMigrate, "NotRunning: it stops", false));
        assertThat(begun()).isEmpty();
        assertDrained("False", "Draining", "1 VM left; waiting: finance/a");
    }

    @Test
    void aVmThatCannotLeaveIsNamedWithTheReason() {
        guests.add(guest("a", true, EvictionStrategy.None, null, false));
        guests.add(guest("b", true, EvictionStrategy.LiveMigrate, "NoNodeFits: host-b: it is full", false));
        assertThat(begun()).isEmpty();
        assertDrained("False", "DrainBlocked", "finance/a: NotAllowedToMove: its evictionStrategy is None");
        assertDrained("False", "DrainBlocked", "finance/b: NoNodeFits: host-b: it is full");
    }

    @Test
    void aVmThatCannotLeaveDoesNotBlockOthers() {
        guests.add(guest("a", true, EvictionStrategy.None, null, false));
        have("b");
        assertThat(begun()).containsExactly("b");
        assertDrained("False", "Draining", "migrating: finance/b; blocked: finance/a");
    }

    @Test
    void aFailedMigrationIsTriedAgainAfterAGrowingDelay() {
        have("a");
        migrations.add(failed("a", 1, 29));
        assertThat(begun()).isEmpty();
        assertThat(plan().nextPass()).contains(Duration.ofSeconds(1));
        migrations.set(0, failed("a", 1, 30));
        assertThat(begun()).containsExactly("a");
        migrations.add(failed("a", 2, 59));
        assertThat(begun()).isEmpty();
        migrations.set(0, failed("a", 1, 200));
        migrations.set(1, failed("a", 2, 60));
        assertThat(begun()).containsExactly("a");
    }

    /** The clock was three years ahead when the first one failed. */
    @Test
    void aFailureOfTheFutureHoldsNothingUp() {
        have("a");
        migrations.add(failed("a", 1, -3 * 365 * 24 * 60 * 60));
        assertThat(begun()).containsExactly("a");
        migrations.add(failed("a", 2, 59));
        assertThat(begun()).isEmpty();
        migrations.set(1, failed("a", 2, 60));
        assertThat(begun()).containsExactly("a");
    }

    @Test
    void afterSeveralFailuresTheDrainIsBlocked() {
        have("a");
        for (int attempt = 1; attempt <= 5; attempt++) {
            migrations.add(failed("a", attempt, 10_000 - attempt));
        }
        assertThat(begun()).isEmpty();
        assertDrained("False", "DrainBlocked", "5 migrations have failed (the last: attempt 5)");
    }

    @Test
    void theEndOfADrainCancelsMigrationsThatHaveNotBegun() {
        maintenance = Maintenance.None;
        VMMigration pending = migration("a", 1, Phase.Pending, null);
        VMMigration unseen = migration("b", 1, null, null);
        migrations.addAll(List.of(pending, unseen, migration("c", 1, Phase.Migrating, null), failed("d", 1, 5)));
        assertThat(plan().cancel()).containsExactly(pending, unseen);
        assertThat(plan().drained()).isEmpty();
        assertThat(begun()).isEmpty();
    }

    @Test
    void theNextFreeNameIsUsed() {
        assertThat(DrainName.next("payroll", List.of())).isEqualTo("drain-payroll-1");
        assertThat(DrainName.next("payroll", List.of("drain-payroll-9", "drain-payroll-10", "drain-payroll-x-11", "m")))
                .isEqualTo("drain-payroll-11");
        assertThat(DrainName.next("v".repeat(253), List.of())).hasSizeLessThan(253);
        assertThat(DrainName.label("n".repeat(62) + ".-" + "n".repeat(100))).isEqualTo("n".repeat(62));
    }

    private void have(String... names) {
        for (String name : names) {
            guests.add(guest(name, true, EvictionStrategy.LiveMigrate, null, false));
        }
    }

    private static Guest guest(
            String name, boolean running, EvictionStrategy strategy, String problem, boolean migrating) {
        return DrainFactsGuestBuilder.builder()
                .namespace("finance")
                .name(name)
                .running(running)
                .strategy(strategy)
                .problem(Optional.ofNullable(problem))
                .migrating(migrating)
                .nextName(DrainName.next(name, List.of()))
                .build();
    }

    private static VMMigration failed(String vm, int attempt, int secondsAgo) {
        return migration(vm, attempt, Phase.Failed, NOW.minusSeconds(secondsAgo));
    }

    private static VMMigration migration(String vm, int attempt, Phase phase, Instant ended) {
        VMMigration migration = new VMMigration();
        migration.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName("drain-" + vm + "-" + attempt)
                .build());
        migration.setSpec(new VMMigrationSpec(new ObjectRef(vm), null));
        if (phase != null) {
            Condition migrated = new ConditionBuilder()
                    .withType("Migrated")
                    .withMessage("attempt " + attempt)
                    .build();
            migration.setStatus(VMMigrationStatusBuilder.builder()
                    .observedGeneration(1L)
                    .phase(phase)
                    .startTime(phase == Phase.Pending ? null : NOW.toString())
                    .completionTime(ended == null ? null : ended.toString())
                    .conditions(List.of(migrated))
                    .build());
        }
        return migration;
    }

    private DrainPlan plan() {
        return plan(NOW);
    }

    private DrainPlan plan(Instant now) {
        ClusterNode node = new ClusterNode();
        node.setMetadata(
                new ObjectMetaBuilder().withName("host-a").withGeneration(2L).build());
        node.setSpec(new ClusterNodeSpec("192.0.2.1", maintenance, null, null));
        int here = (int) migrations.stream().filter(DrainFacts::isUnderway).count();
        return DrainPlanner.plan(DrainFactsBuilder.builder()
                .node(node)
                .evicted(evicted)
                .guests(List.copyOf(guests))
                .migrations(List.copyOf(migrations))
                .underwayHere(here)
                .underway(elsewhere + here)
                .budget(BUDGET)
                .now(now)
                .build());
    }

    private List<String> begun() {
        return plan().begin().stream().map(Guest::name).toList();
    }

    private void assertDrained(String status, String reason, String message) {
        Condition drained = plan().drained().orElseThrow();
        assertThat(drained.getType()).isEqualTo("Drained");
        assertThat(drained.getStatus()).isEqualTo(status);
        assertThat(drained.getReason()).isEqualTo(reason);
        assertThat(drained.getMessage()).contains(message);
    }

    @Nested
    class TheNextAttempt extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return Duration.ofSeconds(30);
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            guests.clear();
            migrations.clear();
            have("a");
            migrations.add(migration("a", 1, Phase.Failed, since));
            return plan(now).begin().isEmpty();
        }
    }
}
