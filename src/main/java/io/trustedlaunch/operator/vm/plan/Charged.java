package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.operator.quota.Use;
import io.trustedlaunch.operator.vm.facts.VmFacts;

/**
 * A step after which the VM may count for more in the quotas of its namespace. It is planned once more under the lock that
 * places VMs, with what is left by then.
 */
public interface Charged extends VmStep {
    /** The charge of the VM once the step is on record. */
    Use use(VmFacts facts);
}
