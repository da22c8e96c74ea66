package io.trustedlaunch.operator.guard;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The next step for the pods of a node.
 *
 * @param create in this order
 * @param nextPass when a pod that ended may be replaced
 */
record GuardPlan(List<GuardRole> create, List<Pod> delete, Optional<Duration> nextPass) {}
