package io.trustedlaunch.operator.guard;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The facts from which the guard of a node is planned.
 *
 * @param needed guests run on the node, start there, or arrive
 * @param cordoned in Kubernetes
 */
@RecordBuilder
record GuardFacts(boolean needed, boolean cordoned, Optional<Pod> guard, Optional<Pod> drainSignal, Instant now) {
    private static final Set<String> ENDED = Set.of("Failed", "Succeeded");

    /**
     * Whether something drains the node in Kubernetes: cordons it, and evicts its pods. A guard is made after its signal,
     * so that a guard alone says that the signal was evicted. That is on record in the API server alone, and outlives the
     * operator. The end of the cordon ends the drain: the signal is made anew then.
     */
    static boolean isEvicted(boolean cordoned, Optional<Pod> guard, Optional<Pod> drainSignal) {
        return cordoned && isThere(guard) && !isThere(drainSignal);
    }

    /**
     * Before an evicted signal is made anew, which would end the drain.
     *
     * @param watched by the watch of Nodes, which may be later than that of pods
     * @param read from the API server
     */
    static boolean isCordoned(boolean watched, BooleanSupplier read, Optional<Pod> guard, Optional<Pod> drainSignal) {
        return watched || (isThere(guard) && drainSignal.isEmpty() && read.getAsBoolean());
    }

    static boolean isThere(Optional<Pod> pod) {
        return pod.filter(found -> !found.isMarkedForDeletion()).isPresent();
    }

    /** A kubelet refused it or threw it out: then its eviction is not refused any more. */
    static boolean hasEnded(Pod pod) {
        return Optional.ofNullable(pod.getStatus())
                .map(PodStatus::getPhase)
                .filter(ENDED::contains)
                .isPresent();
    }
}
