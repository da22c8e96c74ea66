package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.EvictionStrategy;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationStatus;
import io.trustedlaunch.operator.kube.Conditions;
import io.trustedlaunch.operator.kube.Conditions.State;
import io.trustedlaunch.operator.node.DrainFacts.Guest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Decides which VMs leave a node next, and says what is left and why. */
final class DrainPlanner {
    private static final Duration FIRST_DELAY = Duration.ofSeconds(30);
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(10);

    /** After so many failures of one VM within the time that VMMigrations are kept, somebody has to look at it. */
    private static final int MOST_FAILURES = 5;

    private static final int MOST_NAMES = 10;

    private final DrainFacts facts;
    private final List<String> moving = new ArrayList<>();
    private final List<String> waiting = new ArrayList<>();
    private final List<String> blocked = new ArrayList<>();
    private final List<Guest> begin = new ArrayList<>();
    private Optional<Duration> lookAgain = Optional.empty();
    private int places;

    private DrainPlanner(DrainFacts facts) {
        this.facts = facts;
        long here = facts.moves().stream().filter(DrainFacts::holdsAPlace).count();
        this.places =
                (int) Math.min(facts.budget().perNode() - here, facts.budget().inAll() - facts.underway());
    }

    static DrainPlan plan(DrainFacts facts) {
        return facts.isWanted() ? new DrainPlanner(facts).drain() : takeBack(facts);
    }

    /** Moves that are not under way yet; the others end by themselves, and a VM is as well off there. */
    private static DrainPlan takeBack(DrainFacts facts) {
        List<VMMigration> pending = facts.moves().stream()
                .filter(DrainFacts::isUnfinished)
                .filter(move -> DrainFacts.status(move)
                        .map(VMMigrationStatus::startTime)
                        .isEmpty())
                .toList();
        return new DrainPlan(List.of(), pending, Optional.empty(), Optional.empty());
    }

    private DrainPlan drain() {
        facts.guests().forEach(this::sort);
        return new DrainPlan(List.copyOf(begin), List.of(), Optional.of(drained()), lookAgain);
    }

    private void sort(Guest guest) {
        if (guest.moving()) {
            moving.add(guest.key());
        } else if (!guest.running()) {
            waiting.add(guest.key());
        } else if (guest.strategy() == EvictionStrategy.None) {
            blocked.add(guest.key() + ": " + Reason.NotAllowedToMove
                    + ": its evictionStrategy is None: stop it, or create a" + " VMMigration for it");
        } else if (guest.migratable().isPresent()) {
            blocked.add(guest.key() + ": " + guest.migratable().get());
        } else {
            tryToMove(guest);
        }
    }

    private void tryToMove(Guest guest) {
        List<VMMigration> moves = facts.movesOf(guest);
        if (moves.stream().anyMatch(DrainFacts::isUnfinished)) {
            waiting.add(guest.key());
            return;
        }
        List<VMMigrationStatus> failed = moves.stream()
                .flatMap(move -> DrainFacts.status(move).stream())
                .filter(status -> status.phase() == VMMigrationStatus.Phase.Failed)
                .toList();
        if (failed.size() >= MOST_FAILURES) {
            blocked.add(guest.key() + ": " + failed.size() + " moves have failed, the last one since " + why(failed)
                    + "; it is tried again once their VMMigrations are gone");
            return;
        }
        Duration left = delay(failed);
        if (left.isPositive()) {
            waiting.add(guest.key());
            lookAgain = Optional.of(
                    lookAgain.filter(sooner -> sooner.compareTo(left) < 0).orElse(left));
        } else if (places > 0) {
            places--;
            begin.add(guest);
            moving.add(guest.key());
        } else {
            waiting.add(guest.key());
        }
    }

    private static String why(List<VMMigrationStatus> failed) {
        return last(failed)
                .flatMap(status -> Conditions.find(status.conditions(), ConditionType.Migrated))
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
        return Duration.between(
                facts.now(),
                Instant.parse(last(failed).orElseThrow().completionTime()).plus(bounded));
    }

    private Condition drained() {
        Conditions conditions = new Conditions(
                facts.node().getStatus() == null
                        ? null
                        : facts.node().getStatus().conditions(),
                facts.node().getMetadata().getGeneration(),
                facts.now());
        int left = facts.guests().size();
        if (left == 0) {
            return conditions.of(ConditionType.Drained, State.True, Reason.Drained, "no VM is on the node");
        }
        List<String> parts = new ArrayList<>();
        tell(parts, "moving: ", moving);
        tell(parts, "waiting: ", waiting);
        tell(parts, "cannot be moved: ", blocked);
        boolean stuck = moving.isEmpty() && waiting.isEmpty();
        return conditions.of(
                ConditionType.Drained,
                State.False,
                stuck ? Reason.DrainBlocked : Reason.Draining,
                left + " left; " + String.join("; ", parts));
    }

    private static void tell(List<String> parts, String what, List<String> guests) {
        if (!guests.isEmpty()) {
            List<String> sorted = guests.stream().sorted().toList();
            String more = sorted.size() > MOST_NAMES ? " and " + (sorted.size() - MOST_NAMES) + " more" : "";
            parts.add(what + String.join(", ", sorted.subList(0, Math.min(sorted.size(), MOST_NAMES))) + more);
        }
    }
}
