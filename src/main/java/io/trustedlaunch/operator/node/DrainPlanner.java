package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.vm.EvictionStrategy;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.operator.node.DrainFacts.Guest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Decides which VMs leave a node next, and reports which are left and why. */
final class DrainPlanner {
    private static final Duration FIRST_DELAY = Duration.ofSeconds(30);
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(10);

    /** With so many failed VMMigrations of one VM, the drain waits for a user or for their deletion. */
    private static final int MOST_FAILURES = 5;

    private static final int MOST_NAMES = 10;

    private final DrainFacts facts;
    private final List<String> migrating = new ArrayList<>();
    private final List<String> waiting = new ArrayList<>();
    private final List<String> blocked = new ArrayList<>();
    private final List<Guest> begin = new ArrayList<>();
    private Optional<Duration> nextPass = Optional.empty();
    private int slots;

    private DrainPlanner(DrainFacts facts) {
        this.facts = facts;
        this.slots = Math.min(
                facts.budget().perNode() - facts.underwayHere(), facts.budget().perCluster() - facts.underway());
    }

    static DrainPlan plan(DrainFacts facts) {
        return facts.isDraining() ? new DrainPlanner(facts).drain() : cancel(facts);
    }

    /** Only migrations that have not begun are cancelled: a VM is as well off on the other node. */
    private static DrainPlan cancel(DrainFacts facts) {
        List<VMMigration> pending = facts.migrations().stream()
                .filter(DrainFacts::isUnfinished)
                .filter(migration -> !migration.hasBegun())
                .toList();
        return new DrainPlan(List.of(), pending, Optional.empty(), Optional.empty());
    }

    private DrainPlan drain() {
        facts.guests().forEach(this::classify);
        return new DrainPlan(List.copyOf(begin), List.of(), Optional.of(drained()), nextPass);
    }

    private void classify(Guest guest) {
        if (guest.migrating()) {
            migrating.add(guest.key());
        } else if (!guest.running()) {
            waiting.add(guest.key());
        } else if (guest.strategy() == EvictionStrategy.None) {
            blocked.add(guest.key() + ": " + Reason.NotAllowedToMove
                    + ": its evictionStrategy is None; stop the VM, or create a VMMigration for it");
        } else if (guest.problem().isPresent()) {
            blocked.add(guest.key() + ": " + guest.problem().get());
        } else {
            tryToMigrate(guest);
        }
    }

    private void tryToMigrate(Guest guest) {
        List<VMMigration> migrations = facts.migrationsOf(guest);
        if (migrations.stream().anyMatch(DrainFacts::isUnfinished)) {
            waiting.add(guest.key());
            return;
        }
        List<VMMigrationStatus> failed = migrations.stream()
                .flatMap(migration -> migration.status().stream())
                .filter(status -> status.phase() == VMMigrationStatus.Phase.Failed)
                .toList();
        if (failed.size() >= MOST_FAILURES) {
            blocked.add(guest.key() + ": " + failed.size() + " migrations have failed (the last: " + message(failed)
                    + "); the drain tries again when their VMMigrations are deleted");
            return;
        }
        Duration left = delay(failed);
        if (left.isPositive()) {
            waiting.add(guest.key());
            nextPass = Optional.of(
                    nextPass.filter(sooner -> sooner.compareTo(left) < 0).orElse(left));
        } else if (slots > 0) {
            slots--;
            begin.add(guest);
            migrating.add(guest.key());
        } else {
            waiting.add(guest.key());
        }
    }

    private static String message(List<VMMigrationStatus> failed) {
        return last(failed)
                .flatMap(status -> ConditionType.Migrated.in(status.conditions()))
                .map(Condition::getMessage)
                .orElse("unknown");
    }

    private static Optional<VMMigrationStatus> last(List<VMMigrationStatus> failed) {
        return failed.stream().max(Comparator.comparing(status -> Instant.parse(status.completionTime())));
    }

    private Duration delay(List<VMMigrationStatus> failed) {
        if (failed.isEmpty()) {
            return Duration.ZERO;
        }
        Duration delay = FIRST_DELAY.multipliedBy(1L << (failed.size() - 1));
        Duration bounded = delay.compareTo(LONGEST_DELAY) < 0 ? delay : LONGEST_DELAY;
        // The last one may have an end in the future, so that another one counts.
        return failed.stream()
                .map(status -> RecordedTime.left(bounded, Instant.parse(status.completionTime()), facts.now()))
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private Condition drained() {
        Conditions conditions = new Conditions(facts.node(), facts.now());
        int left = facts.guests().size();
        if (left == 0) {
            return conditions.of(ConditionType.Drained, State.True, Reason.Drained, "no VMs are on the node");
        }
        List<String> parts = new ArrayList<>();
        add(parts, "migrating: ", migrating);
        add(parts, "waiting: ", waiting);
        add(parts, "blocked: ", blocked);
        boolean stuck = migrating.isEmpty() && waiting.isEmpty();
        return conditions.of(
                ConditionType.Drained,
                State.False,
                stuck ? Reason.DrainBlocked : Reason.Draining,
                left + (left == 1 ? " VM" : " VMs") + " left; " + String.join("; ", parts));
    }

    private static void add(List<String> parts, String label, List<String> guests) {
        if (!guests.isEmpty()) {
            List<String> sorted = guests.stream().sorted().toList();
            String more = sorted.size() > MOST_NAMES ? " and " + (sorted.size() - MOST_NAMES) + " more" : "";
            parts.add(label + String.join(", ", sorted.subList(0, Math.min(sorted.size(), MOST_NAMES))) + more);
        }
    }
}
