package io.trustedlaunch.operator.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class GuardPlannerTest {
    private static final Instant CREATED = Instant.parse("2026-01-01T12:00:00Z");

    private boolean needed = true;
    private boolean cordoned;
    private Optional<Pod> guard = Optional.of(pod("guard", "Running"));
    private Optional<Pod> signal = Optional.of(pod("signal", "Running"));
    private Instant now = CREATED.plusSeconds(3600);

    @Test
    void aNodeWithoutVmsHasNoPods() {
        needed = false;
        assertThat(plan().delete()).containsExactly(guard.orElseThrow(), signal.orElseThrow());

        guard = terminating(guard);
        signal = Optional.empty();
        assertThat(plan()).isEqualTo(nothing());
    }

    @Test
    void aNodeWithVmsHasBothAndTheSignalComesFirst() {
        assertThat(plan()).isEqualTo(nothing());

        guard = Optional.empty();
        signal = Optional.empty();
        assertThat(plan().create()).containsExactly(GuardRole.DrainSignal, GuardRole.Guard);
        cordoned = true;
        assertThat(plan().create()).containsExactly(GuardRole.DrainSignal, GuardRole.Guard);
    }

    @Test
    void anEvictedSignalOfACordonedNodeSaysThatTheNodeIsDrained() {
        assertThat(isEvicted()).isFalse();
        cordoned = true;
        assertThat(isEvicted()).isFalse();
        signal = terminating(signal);
        assertThat(isEvicted()).isTrue();
        signal = Optional.empty();
        assertThat(isEvicted()).isTrue();
        assertThat(plan()).as("nothing forgets it").isEqualTo(nothing());
    }

    @Test
    void theEndOfTheCordonEndsTheDrain() {
        signal = Optional.empty();
        assertThat(isEvicted()).isFalse();
        assertThat(plan().create()).containsExactly(GuardRole.DrainSignal);
    }

    /** A drain cordons, and evicts at once; two watches deliver that in any order. */
    @Test
    void anEvictionThatIsSeenBeforeTheCordonIsNotForgotten() {
        signal = Optional.empty();
        boolean watched = false;
        cordoned = GuardFacts.isCordoned(watched, () -> true, guard, signal);
        assertThat(plan()).isEqualTo(nothing());
        cordoned = GuardFacts.isCordoned(watched, () -> false, guard, signal);
        assertThat(plan().create()).containsExactly(GuardRole.DrainSignal);
    }

    @Test
    void theApiServerIsAskedForTheCordonOnlyWhereTheSignalAloneIsMissing() {
        BooleanSupplier never = () -> fail("asked");
        assertThat(GuardFacts.isCordoned(false, never, guard, signal)).isFalse();
        assertThat(GuardFacts.isCordoned(true, never, guard, Optional.empty())).isTrue();
        assertThat(GuardFacts.isCordoned(false, never, Optional.empty(), Optional.empty()))
                .isFalse();
    }

    @Test
    void aNodeThatWasCordonedBeforeItHadItsPodsIsNotDrained() {
        cordoned = true;
        guard = Optional.empty();
        signal = Optional.empty();
        assertThat(isEvicted()).isFalse();
        signal = Optional.of(pod("signal", "Pending"));
        assertThat(isEvicted()).isFalse();
        assertThat(plan().create()).containsExactly(GuardRole.Guard);
    }

    @Test
    void aDeletedGuardIsMadeAnewOnceItIsGone() {
        guard = terminating(guard);
        assertThat(plan()).isEqualTo(nothing());
        guard = Optional.empty();
        assertThat(plan().create()).containsExactly(GuardRole.Guard);
    }

    @Test
    void aGuardThatEndedIsReplacedButNotAtOnce() {
        guard = Optional.of(pod("guard", "Failed"));
        now = CREATED.plusSeconds(10);
        assertThat(plan()).isEqualTo(new GuardPlan(List.of(), List.of(), Optional.of(Duration.ofSeconds(20))));
        now = CREATED.plusSeconds(30);
        assertThat(plan()).isEqualTo(new GuardPlan(List.of(), List.of(guard.orElseThrow()), Optional.empty()));
    }

    /** Nothing refuses the eviction of a pod that has ended, either, and deleting it would look like that. */
    @Test
    void aSignalThatEndedStays() {
        cordoned = true;
        signal = Optional.of(pod("signal", "Failed"));
        assertThat(plan()).isEqualTo(nothing());
        assertThat(isEvicted()).isFalse();
    }

    private GuardPlan plan() {
        return GuardPlanner.plan(new GuardFacts(needed, cordoned, guard, signal, now));
    }

    private boolean isEvicted() {
        return GuardFacts.isEvicted(cordoned, guard, signal);
    }

    private static GuardPlan nothing() {
        return new GuardPlan(List.of(), List.of(), Optional.empty());
    }

    private static Optional<Pod> terminating(Optional<Pod> pod) {
        return pod.map(found -> found.edit()
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T12:30:00Z")
                .endMetadata()
                .build());
    }

    private static Pod pod(String name, String phase) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withCreationTimestamp(CREATED.toString())
                .endMetadata()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
    }

    @Nested
    class AReplacement extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return Duration.ofSeconds(30);
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            guard = Optional.of(pod("guard", "Failed")
                    .edit()
                    .editMetadata()
                    .withCreationTimestamp(since.toString())
                    .endMetadata()
                    .build());
            GuardPlannerTest.this.now = now;
            return plan().delete().isEmpty();
        }
    }
}
