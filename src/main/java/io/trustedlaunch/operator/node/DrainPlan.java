package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.operator.node.DrainFacts.Guest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The next step of a drain, or of its cancellation.
 *
 * @param begin VMs to create a VMMigration for
 * @param cancel VMMigrations to delete
 * @param drained the condition; empty if the node is not being drained
 * @param nextPass when a failed migration may be tried again
 */
record DrainPlan(
        List<Guest> begin, List<VMMigration> cancel, Optional<Condition> drained, Optional<Duration> nextPass) {}
