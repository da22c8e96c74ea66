package io.trustedlaunch.operator.migration;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import java.time.Instant;
import java.util.Optional;

/**
 * The facts from which a migration's status is computed.
 *
 * @param vm named by the migration
 * @param source the incarnation on the source node
 * @param target the incarnation on the target node
 * @param problem why the migration does not begin
 */
@RecordBuilder
record MigrationFacts(
        VMMigration migration,
        Optional<TrustedLaunchVM> vm,
        Optional<VMIncarnation> source,
        Optional<VMIncarnation> target,
        Optional<Problem> problem,
        Instant now) {

    Optional<VMMigrationStatus> before() {
        return migration.status();
    }

    /** The record of this migration in the VM's status. */
    Optional<Migration> recorded() {
        return vm.flatMap(found -> recordedBy(found, migration));
    }

    static Optional<Migration> recordedBy(TrustedLaunchVM vm, VMMigration migration) {
        return vm.status()
                .map(TrustedLaunchVMStatus::migration)
                .filter(recorded -> migration.getMetadata().getUid().equals(recorded.uid()));
    }

    Optional<VMIncarnationStatus> targetStatus() {
        return target.map(incarnation -> incarnation.getStatus());
    }

    /** The report of the source's agent on this migration. */
    Optional<VMIncarnationStatus.Departure> departure(long epoch) {
        return source.map(incarnation -> incarnation.getStatus())
                .map(VMIncarnationStatus::departure)
                .filter(departure -> departure.epoch() == epoch);
    }
}
