package io.trustedlaunch.operator;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.VMIncarnationSpec.Pace;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.operator.node.DrainBudget;
import io.trustedlaunch.placement.PlacementPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What an operator process is told when it starts.
 *
 * @param namespace its own: protection keys, incarnations and Leases are there
 * @param leaseDuration after which a leader that fell silent is succeeded
 * @param recovery the certificate for which protection keys are escrowed; empty: for none
 * @param migrationsKept how long a migration that has ended stays to be read
 * @param drainBudget how many VMs drains move at once
 * @param placementPolicy how nodes are chosen for VMs
 * @param pace of the moves of guests
 * @param failpoints folder of armed failpoints; only tests have one
 * @param metricsPort where health and metrics are served; empty: nowhere
 */
@RecordBuilder
public record OperatorConfiguration(
        String namespace,
        Duration leaseDuration,
        Optional<RecoveryCertificate> recovery,
        Duration migrationsKept,
        DrainBudget drainBudget,
        PlacementPolicy placementPolicy,
        Pace pace,
        Optional<Path> failpoints,
        OptionalInt metricsPort) {

    /** When a leader that cannot renew its Lease ends: before another may lead. */
    Duration renewDeadline() {
        return leaseDuration.multipliedBy(2).dividedBy(3);
    }

    Duration retryPeriod() {
        return leaseDuration.dividedBy(6);
    }
}
