package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.operator.quota.Use;
import io.trustedlaunch.operator.vm.facts.VmFacts;

/** Has the VM count for an epoch that is on record without that. Carried out by the write of the status. */
public record CountEpoch() implements VmStep.Preparation, Charged {
    @Override
    public void beforeStatus(VmFacts facts, VmActions actions) {
        actions.confirmLeadership();
    }

    @Override
    public Use use(VmFacts facts) {
        return QuotaChecks.ofStart(facts).use();
    }

    @Override
    public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
        return statuses.counted();
    }
}
