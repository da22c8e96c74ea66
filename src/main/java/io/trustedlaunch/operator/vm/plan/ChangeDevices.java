package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Devices;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.operator.quota.Use;
import io.trustedlaunch.operator.quota.VmCharge;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;

/** Has the agent give a running guest other devices. The VM counts for larger disks before they grow. */
record ChangeDevices(Incarnation incarnation, Devices devices, VmCharge charge) implements Charged, VmStep.OnCurrentVm {
    @Override
    public void beforeStatus(VmFacts facts, VmActions actions) {
        actions.confirmLeadership();
    }

    @Override
    public Use use(VmFacts facts) {
        return charge.use();
    }

    @Override
    public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
        return statuses.charged(charge);
    }

    @Override
    public void carryOut(VmFacts facts, VmActions actions) {
        actions.changeDevices(incarnation, devices);
        actions.reached(Failpoint.OPERATOR_DEVICES_REQUESTED);
    }
}
