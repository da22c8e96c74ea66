package io.trustedlaunch.operator.migration;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationStatus;
import java.time.Instant;
import java.util.Optional;

/**
 * All that a migration's status is made of.
 *
 * @param vm that it names
 * @param source the incarnation that the guest leaves
 * @param target the incarnation that takes it over
 * @param hindrance what keeps it from beginning
 */
@RecordBuilder
record MigrationFacts(
        VMMigration migration,
        Optional<TrustedLaunchVM> vm,
        Optional<VMIncarnation> source,
        Optional<VMIncarnation> target,
        Optional<Hindrance> hindrance,
        Instant now) {

    /** Why it does not begin. */
    record Hindrance(Reason reason, String message) {}

    Optional<VMMigrationStatus> before() {
        return Optional.ofNullable(migration.getStatus());
    }

    boolean hasEnded() {
        return before().map(VMMigrationStatus::completionTime).isPresent();
    }

    boolean hasBegun() {
        return before().map(VMMigrationStatus::startTime).isPresent();
    }

    /** What the VM has on record of this very move. */
    Optional<Migration> recorded() {
        return vm.flatMap(found -> recordedBy(found, migration));
    }

    static Optional<Migration> recordedBy(TrustedLaunchVM vm, VMMigration migration) {
        return Optional.ofNullable(vm.getStatus())
                .map(TrustedLaunchVMStatus::migration)
                .filter(move -> migration.getMetadata().getUid().equals(move.uid()));
    }

    Optional<VMIncarnationStatus> targetStatus() {
        return target.map(incarnation -> incarnation.getStatus());
    }

    /** What the source's agent says of this very move. */
    Optional<VMIncarnationStatus.Departure> departure(long epoch) {
        return source.map(incarnation -> incarnation.getStatus())
                .map(VMIncarnationStatus::departure)
                .filter(departure -> departure.epoch() == epoch);
    }
}
