package io.trustedlaunch.operator.vm.status;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.operator.quota.VmCharge;
import io.trustedlaunch.operator.vm.facts.DataDisks;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.plan.QuotaChecks;
import java.util.EnumSet;
import java.util.Set;

/** Builds the part of a VM's status that is about its charge in the quotas of its namespace. */
record ChargeStatus(VmFacts facts) {
    /** No guest runs, and none is started by itself. */
    private static final Set<Reason> OFF = EnumSet.of(Reason.Halted, Reason.Succeeded);

    /** The status with the charge for the epoch that goes on record. */
    TrustedLaunchVMStatus started(TrustedLaunchVMStatus status) {
        return with(status, QuotaChecks.ofStart(facts));
    }

    /** A node has the VM, whatever was asked. */
    TrustedLaunchVMStatus adopted(TrustedLaunchVMStatus status) {
        return with(status, facts.vm().charge().started(facts.vm().spec(), removedBytes(), 0));
    }

    private long removedBytes() {
        return DataDisks.of(facts, facts.nextEpoch()).removedBytes();
    }

    TrustedLaunchVMStatus settled(Reason reason, TrustedLaunchVMStatus status) {
        return OFF.contains(reason) ? with(status, facts.vm().charge().off()) : status;
    }

    /**
     * An outdated operator has put more on record than a quota leaves: the VM gives that back. Of a VM that never ran, that is
     * all that it counts for. A restore keeps what it counts for, since it begins once the quota permits it.
     */
    TrustedLaunchVMStatus blocked(Reason reason, TrustedLaunchVMStatus status) {
        boolean isStart = facts.incarnations().current().isEmpty()
                && facts.vm().restores().open().isEmpty();
        if (reason != Reason.QuotaExceeded || !facts.quota().late() || !isStart) {
            return status;
        }
        boolean hasFiles =
                !facts.incarnations().isFirstStart() || facts.vm().restores().isClone();
        return TrustedLaunchVMStatusBuilder.builder(status)
                .charged(hasFiles ? facts.vm().charge().off().toStatus() : null)
                .build();
    }

    TrustedLaunchVMStatus restore(Restore restore, TrustedLaunchVMStatus status) {
        if (restore.outcome() == null) {
            return with(status, QuotaChecks.ofRestore(facts, restore));
        }
        return restore.outcome() == RestoreOutcome.Failed && restore.copyOf() == null
                ? with(status, facts.vm().charge().notRestored())
                : status;
    }

    /** A VM that takes nothing has none on record. */
    TrustedLaunchVMStatus with(TrustedLaunchVMStatus status, VmCharge charge) {
        boolean isNothing =
                VmCharge.onRecord(facts.vm().resource()).isEmpty() && !charge.isStarted() && charge.storage() == 0;
        return isNothing
                ? status
                : TrustedLaunchVMStatusBuilder.builder(status)
                        .charged(charge.toStatus())
                        .build();
    }
}
