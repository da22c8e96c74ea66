package io.trustedlaunch.operator;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.testkit.Cluster;
import java.util.Optional;

/** What the operator makes of a VM, as the API server has it. */
record AwaitedVm(Cluster cluster, TrustedLaunchVM vm) {
    Optional<TrustedLaunchVMStatus> status() {
        return Optional.ofNullable(cluster.admin().resource(vm).get().getStatus());
    }

    /** Returns the message of its condition Ready, once that has the reason. */
    String ready(Reason reason) {
        return await("Ready to have reason " + reason)
                .atMost(Cluster.TIMEOUT)
                .until(
                        () -> status().flatMap(status -> ConditionType.Ready.in(status.conditions()))
                                .filter(ready -> ready.getReason().equals(reason.name()))
                                .map(Condition::getMessage),
                        Optional::isPresent)
                .orElseThrow();
    }

    RestoreRun restoreRun() {
        return await("the run of the restore")
                .atMost(Cluster.TIMEOUT)
                .until(
                        () -> status().map(TrustedLaunchVMStatus::restore)
                                .map(restore -> cluster.admin()
                                        .resources(RestoreRun.class)
                                        .inNamespace(Cluster.NAMESPACE)
                                        .withName(restore.uid())
                                        .get()),
                        Optional::isPresent)
                .orElseThrow();
    }
}
