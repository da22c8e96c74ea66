package io.trustedlaunch.operator.vm;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.quota.QuotaAmounts;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.catalog.CatalogReader;
import io.trustedlaunch.operator.fencing.Fences;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.migration.PendingMigrations;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.Assignments;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.quota.QuotaLedger;
import io.trustedlaunch.operator.seal.SealingCertificates;
import io.trustedlaunch.operator.vm.facts.RestoreGrants;
import io.trustedlaunch.operator.vm.plan.VmPlanner;
import io.trustedlaunch.operator.vm.seal.Escrows;
import io.trustedlaunch.operator.vm.seal.Sealer;
import io.trustedlaunch.operator.vm.status.EkCertificates;
import io.trustedlaunch.placement.PlacementPolicy;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The dependencies of the controller of VMs.
 *
 * @param namespace the operator's own
 * @param buckets that backups are in
 * @param pendingMigrations where to report why migrations do not begin
 * @param recovery the certificate that protection keys are escrowed for
 * @param backupKeys the cluster's; throws IllegalStateException if they cannot be used
 * @param pace of live migrations
 * @param defaultQuota of namespaces that have no VMQuota
 */
@RecordBuilder
public record VmDependencies(
        String namespace,
        Leadership leadership,
        ApiReader reader,
        ResourceWriter writer,
        Assignments assignments,
        AgentLiveness liveness,
        Fences fences,
        PlacementPolicy placementPolicy,
        SealingCertificates certificates,
        EkCertificates ekCertificates,
        RestoreGrants buckets,
        PendingMigrations pendingMigrations,
        Optional<RecoveryCertificate> recovery,
        Supplier<ClusterBackupKeys> backupKeys,
        Pace pace,
        Optional<QuotaAmounts> defaultQuota,
        Failpoints failpoints,
        AuditLog audit,
        InstantSource clock,
        LongSupplier nanoTime,
        SecureRandom random) {

    VmPass pass(VmCaches caches) {
        RestartDelays delays = new RestartDelays(nanoTime);
        EscrowGatherer escrows = new EscrowGatherer(backupKeys);
        NodeGatherer nodes = new NodeGatherer(caches, liveness, certificates, leadership, assignments);
        Sealer sealer = new Sealer(namespace, certificates, new Escrows(recovery, random), random);
        QuotaLedger quotas = new QuotaLedger(defaultQuota, caches);
        return new VmPass(
                caches,
                quotas,
                new VmGatherer(
                        namespace,
                        new ClusterIdentity(reader),
                        reader,
                        caches,
                        nodes,
                        fences,
                        placementPolicy,
                        delays,
                        new CatalogReader(),
                        new RestoreGatherer(reader, caches, escrows, buckets, clock),
                        quotas,
                        clock),
                new VmPlanner(namespace, recovery.isPresent(), pace),
                new VmExecutor(reader, writer, caches, sealer, assignments, leadership, failpoints, audit),
                delays,
                ekCertificates,
                pendingMigrations,
                clock);
    }
}
