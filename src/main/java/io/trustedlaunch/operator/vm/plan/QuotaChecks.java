package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Failover;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.operator.quota.QuotaLedger;
import io.trustedlaunch.operator.quota.Use;
import io.trustedlaunch.operator.quota.VmCharge;
import io.trustedlaunch.operator.vm.facts.DataDisks;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmIncarnations;
import java.util.Optional;

/** Checks whether the quotas of its namespace leave a VM its charge. A VM keeps what it has already. */
public record QuotaChecks(VmFacts facts) {
    /** Disks that were made for a guest that never ran are made again, or grow; those of a copy stay. */
    public static VmCharge ofStart(VmFacts facts) {
        VmIncarnations incarnations = facts.incarnations();
        VmCharge before = incarnations.vm().charge();
        boolean isMadeAnew =
                incarnations.isFirstStart() && !incarnations.vm().restores().isClone();
        DataDisks next = DataDisks.of(facts, facts.nextEpoch());
        long deleted = DataDisks.onRecord(facts).map(next::deletedBytesOf).orElse(0L);
        return (isMadeAnew ? before.withoutFiles() : before)
                .started(incarnations.vm().spec(), next.removedBytes(), deleted);
    }

    /**
     * One that goes on has counted since it began, but for disks that the spec of a copy lets grow since. Where the VM's folder is
     * lost, nothing is set aside.
     */
    public static VmCharge ofRestore(VmFacts facts, Restore restore) {
        boolean goesOn = facts.vm()
                .restores()
                .open()
                .filter(open -> open.uid().equals(restore.uid()))
                .isPresent();
        if (goesOn) {
            return restore.copyOf() == null
                    ? facts.vm().charge()
                    : facts.vm().charge().withDisks(facts.vm().spec());
        }
        return restore.copyOf() != null || new RestorePlacement(facts).isFolderLost()
                ? facts.vm().charge().withDisks(facts.vm().spec())
                : facts.vm().charge().restored(facts.vm().spec());
    }

    static Use ofMigration(VmFacts facts, Migration migration) {
        Use use = facts.vm().charge().use();
        return facts.migrations().stream()
                        .filter(one -> one.getMetadata().getUid().equals(migration.uid()))
                        .allMatch(QuotaLedger::isOfDrain)
                ? use
                : use.plus(Use.ONE_MIGRATION);
    }

    /**
     * Not asked when the VM starts elsewhere because its node is dead: that counts, and is not refused. One that was switched off
     * meanwhile is started by a user.
     */
    Optional<Problem> start() {
        return facts.losses().last().isPresent() && facts.vm().charge().isStarted()
                ? Optional.empty()
                : facts.quota().exceededBy(ofStart(facts).use());
    }

    /**
     * Checks again before what is on record begins: an operator that was paused may have put it there after its successor had
     * given the rest of a quota to others. It counts from then on, so no other gets its part meanwhile.
     */
    Optional<Problem> lateRestore() {
        return late(facts.vm().charge().use());
    }

    Optional<Problem> lateMigration(Migration migration) {
        return late(ofMigration(facts, migration));
    }

    private Optional<Problem> late(Use use) {
        return facts.quota().late() ? facts.quota().exceededBy(use) : Optional.empty();
    }

    Optional<Problem> restore(Restore restore) {
        return facts.quota().exceededBy(ofRestore(facts, restore).use());
    }

    Optional<Problem> takeover(RetainedVMRecord record) {
        return facts.quota().exceededBy(VmCharge.of(record).use());
    }

    Optional<Problem> migration(VMMigration migration) {
        return QuotaLedger.isOfDrain(migration)
                ? Optional.empty()
                : facts.quota().exceededBy(facts.vm().charge().use().plus(Use.ONE_MIGRATION));
    }

    /** It counts for all that its spec lets it have now. */
    boolean isCovered(Restore restore) {
        return facts.vm().charge().covers(ofRestore(facts, restore));
    }

    /**
     * Before the incarnation of an epoch on record is created, which has what the spec says by then. A leader that was paused may
     * have reserved it after its successor had given the rest of a quota to others: then the VM waits, and counts for nothing.
     */
    Optional<VmStep> reserved() {
        boolean isFailover = facts.vm()
                .status()
                .map(status -> status.failover())
                .map(Failover::toEpoch)
                .filter(epoch -> epoch == facts.vm().epoch())
                .isPresent();
        boolean isCounted =
                facts.vm().charge().covers(ofStart(facts)) && !facts.quota().late();
        boolean isUnlimited =
                facts.quota().limits().isEmpty() && !facts.vm().charge().isStarted();
        if (isCounted || isFailover || facts.nodes().isLatest(facts.vm().epoch()) || isUnlimited) {
            return Optional.empty();
        }
        return facts.quota()
                .exceededBy(ofStart(facts).use())
                .<VmStep>map(VmStep.Refuse::new)
                .or(() -> Optional.of(new CountEpoch()));
    }
}
