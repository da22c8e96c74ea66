package io.trustedlaunch.operator;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.quota.QuotaAmounts;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.operator.node.DrainBudget;
import io.trustedlaunch.placement.PlacementPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The configuration of an operator process.
 *
 * @param namespace the operator's own, with protection keys, incarnations and Leases
 * @param leaseDuration after which another process may replace a leader that does not renew its Lease
 * @param recovery the certificate that protection keys are escrowed for, if any
 * @param backupKey whether the cluster has a backup key
 * @param migrationRetention how long a VMMigration is kept after its end
 * @param drainBudget how many migrations drains may have under way
 * @param guardImage image of the pods that stand for the VMs of a node; empty: there are no such pods
 * @param placementPolicy how nodes are chosen for VMs
 * @param pace of live migrations
 * @param defaultQuota of namespaces that have no VMQuota
 * @param fencingMinLivingPercent with a smaller share of living nodes, none is fenced automatically
 * @param defaults the default objects to make
 * @param failpoints folder of armed failpoints; only in tests
 * @param healthPort serves the probes; empty for none
 * @param metricsPort serves the metrics; empty for none
 */
@RecordBuilder
public record OperatorConfiguration(
        String namespace,
        Duration leaseDuration,
        Optional<RecoveryCertificate> recovery,
        boolean backupKey,
        Duration migrationRetention,
        DrainBudget drainBudget,
        Optional<String> guardImage,
        PlacementPolicy placementPolicy,
        Pace pace,
        Optional<QuotaAmounts> defaultQuota,
        int fencingMinLivingPercent,
        Set<DefaultObject> defaults,
        Optional<Path> failpoints,
        OptionalInt healthPort,
        OptionalInt metricsPort) {}
