package io.trustedlaunch.operator.guard;

import io.fabric8.kubernetes.api.model.Pod;
import io.trustedlaunch.api.RecordedTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Decides which pods stand for the VMs of a node. */
final class GuardPlanner {
    /** A node that has no room for a pod refuses the next one, too. */
    private static final Duration BEFORE_A_REPLACEMENT = Duration.ofSeconds(30);

    private GuardPlanner() {}

    static GuardPlan plan(GuardFacts facts) {
        if (!facts.needed()) {
            return new GuardPlan(List.of(), removable(facts.guard(), facts.drainSignal()), Optional.empty());
        }
        Optional<Duration> wait = facts.guard()
                .filter(GuardFacts::hasEnded)
                .map(guard -> RecordedTime.left(BEFORE_A_REPLACEMENT, created(guard), facts.now()));
        boolean isDue = wait.filter(Duration::isZero).isPresent();
        return new GuardPlan(
                missing(facts), isDue ? removable(facts.guard()) : List.of(), wait.filter(Duration::isPositive));
    }

    /** A guard that is alone on a cordoned node says that the node is drained: {@link GuardFacts#isEvicted}. */
    private static List<GuardRole> missing(GuardFacts facts) {
        boolean lacksSignal = facts.drainSignal().isEmpty()
                && !(facts.cordoned() && facts.guard().isPresent());
        return Stream.of(GuardRole.DrainSignal, GuardRole.Guard)
                .filter(role -> role == GuardRole.DrainSignal
                        ? lacksSignal
                        : facts.guard().isEmpty())
                .toList();
    }

    @SafeVarargs
    private static List<Pod> removable(Optional<Pod>... pods) {
        return Stream.of(pods)
                .filter(GuardFacts::isThere)
                .flatMap(Optional::stream)
                .toList();
    }

    private static Instant created(Pod pod) {
        return Instant.parse(pod.getMetadata().getCreationTimestamp());
    }
}
