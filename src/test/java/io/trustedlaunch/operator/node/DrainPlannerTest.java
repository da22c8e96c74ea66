package io.trustedlaunch.operator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.EvictionStrategy;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationSpec;
import io.trustedlaunch.api.VMMigrationStatus.Phase;
import io.trustedlaunch.api.VMMigrationStatusBuilder;
import io.trustedlaunch.operator.node.DrainFacts.Guest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DrainPlannerTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final DrainBudget BUDGET = new DrainBudget(2, 5);

    private final List<Guest> guests = new ArrayList<>();
    private final List<VMMigration> moves = new ArrayList<>();
    private Maintenance maintenance = Maintenance.Drain;
    private int elsewhere;

    @Test
    void anEmptyNodeIsDrained() {
        assertTells("True", "Drained", "no VM is on the node");
    }

    @Test
    void soManyLeaveAtOnceAsTheBudgetOfANodeAllows() {
        have("a", "b", "c");
        assertThat(begun()).containsExactly("a", "b");
        assertTells("False", "Draining", "3 left; moving: finance/a, finance/b; waiting: finance/c");
    }

    @Test
    void thoseUnderWayHoldTheirPlaces() {
        have("b", "c");
        guests.add(guest("a", true, EvictionStrategy.LiveMigrate, null, true));
        moves.add(move("a", 1, Phase.Migrating, null));
        assertThat(begun()).containsExactly("b");
    }

    @Test
    void theClustersBudgetHoldsForAllNodes() {
        have("a", "b");
        elsewhere = 4;
        assertThat(begun()).containsExactly("a");
        elsewhere = 5;
        assertThat(begun()).isEmpty();
        assertTells("False", "Draining", "waiting: finance/a, finance/b");
    }

    @Test
    void aMoveThatIsThereAlreadyIsNotMadeOnceMore() {
        have("a");
        moves.add(move("a", 1, null, null));
        assertThat(begun()).isEmpty();
    }

    @Test
    void aMoveThatWaitsForSomethingElseHoldsNoPlace() {
        have("a", "b", "c");
        moves.add(move("a", 1, Phase.Pending, null));
        assertThat(begun()).containsExactly("b", "c");
    }

    @Test
    void aVmThatStartsOrStopsIsWaitedFor() {
        guests.add(guest("a", false, EvictionStrategy.LiveMigrate, "NotRunning: it stops", false));
        assertThat(begun()).isEmpty();
        assertTells("False", "Draining", "1 left; waiting: finance/a");
    }

    @Test
    void whatCannotLeaveIsNamedWithTheReason() {
        guests.add(guest("a", true, EvictionStrategy.None, null, false));
        guests.add(guest("b", true, EvictionStrategy.LiveMigrate, "NoNodeFits: host-b: it is full", false));
        assertThat(begun()).isEmpty();
        assertTells("False", "DrainBlocked", "finance/a: NotAllowedToMove: its evictionStrategy is None");
        assertTells("False", "DrainBlocked", "finance/b: NoNodeFits: host-b: it is full");
    }

    @Test
    void whatCannotLeaveHoldsUpNobodyElse() {
        guests.add(guest("a", true, EvictionStrategy.None, null, false));
        have("b");
        assertThat(begun()).containsExactly("b");
        assertTells("False", "Draining", "moving: finance/b; cannot be moved: finance/a");
    }

    @Test
    void aMoveThatFailedIsTriedAgainAfterAGrowingDelay() {
        have("a");
        moves.add(failed("a", 1, 29));
        assertThat(begun()).isEmpty();
        assertThat(plan().lookAgain()).contains(Duration.ofSeconds(1));
        moves.set(0, failed("a", 1, 30));
        assertThat(begun()).containsExactly("a");
        moves.add(failed("a", 2, 59));
        assertThat(begun()).isEmpty();
        moves.set(0, failed("a", 1, 200));
        moves.set(1, failed("a", 2, 60));
        assertThat(begun()).containsExactly("a");
    }

    @Test
    void afterSomeFailuresItSaysSoAndStops() {
        have("a");
        for (int attempt = 1; attempt <= 5; attempt++) {
            moves.add(failed("a", attempt, 10_000 - attempt));
        }
        assertThat(begun()).isEmpty();
        assertTells("False", "DrainBlocked", "5 moves have failed, the last one since attempt 5");
    }

    @Test
    void aNodeThatIsWantedAgainTakesBackWhatHasNotBegun() {
        maintenance = Maintenance.None;
        VMMigration pending = move("a", 1, Phase.Pending, null);
        VMMigration unseen = move("b", 1, null, null);
        moves.addAll(List.of(pending, unseen, move("c", 1, Phase.Migrating, null), failed("d", 1, 5)));
        assertThat(plan().cancel()).containsExactly(pending, unseen);
        assertThat(plan().drained()).isEmpty();
        assertThat(begun()).isEmpty();
    }

    @Test
    void aNameIsTheNextThatIsFree() {
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
            String name, boolean running, EvictionStrategy strategy, String obstacle, boolean moving) {
        return DrainFactsGuestBuilder.builder()
                .namespace("finance")
                .name(name)
                .running(running)
                .strategy(strategy)
                .migratable(Optional.ofNullable(obstacle))
                .moving(moving)
                .nextName(DrainName.next(name, List.of()))
                .build();
    }

    private static VMMigration failed(String vm, int attempt, int secondsAgo) {
        return move(vm, attempt, Phase.Failed, NOW.minusSeconds(secondsAgo));
    }

    private static VMMigration move(String vm, int attempt, Phase phase, Instant ended) {
        VMMigration move = new VMMigration();
        move.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName("drain-" + vm + "-" + attempt)
                .build());
        move.setSpec(new VMMigrationSpec(new ObjectRef(vm), null));
        if (phase != null) {
            Condition migrated = new ConditionBuilder()
                    .withType("Migrated")
                    .withMessage("attempt " + attempt)
                    .build();
            move.setStatus(VMMigrationStatusBuilder.builder()
                    .observedGeneration(1L)
                    .phase(phase)
                    .startTime(phase == Phase.Pending ? null : NOW.toString())
                    .completionTime(ended == null ? null : ended.toString())
                    .conditions(List.of(migrated))
                    .build());
        }
        return move;
    }

    private DrainPlan plan() {
        ClusterNode node = new ClusterNode();
        node.setMetadata(
                new ObjectMetaBuilder().withName("host-a").withGeneration(2L).build());
        node.setSpec(new ClusterNodeSpec("192.0.2.1", maintenance, null));
        int underway =
                elsewhere + (int) moves.stream().filter(DrainFacts::holdsAPlace).count();
        return DrainPlanner.plan(DrainFactsBuilder.builder()
                .node(node)
                .guests(List.copyOf(guests))
                .moves(List.copyOf(moves))
                .underway(underway)
                .budget(BUDGET)
                .now(NOW)
                .build());
    }

    private List<String> begun() {
        return plan().begin().stream().map(Guest::name).toList();
    }

    private void assertTells(String status, String reason, String message) {
        Condition drained = plan().drained().orElseThrow();
        assertThat(drained.getType()).isEqualTo("Drained");
        assertThat(drained.getStatus()).isEqualTo(status);
        assertThat(drained.getReason()).isEqualTo(reason);
        assertThat(drained.getMessage()).contains(message);
    }
}
