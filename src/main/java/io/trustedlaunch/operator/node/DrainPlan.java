package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.operator.node.DrainFacts.Guest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is to be done for a node that is to be emptied, or is no more.
 *
 * @param begin VMs to make a VMMigration for
 * @param cancel VMMigrations to take back
 * @param drained the condition; empty where nobody asked for a drain
 * @param lookAgain when a VM that failed to move may be tried once more
 */
record DrainPlan(
        List<Guest> begin, List<VMMigration> cancel, Optional<Condition> drained, Optional<Duration> lookAgain) {}
