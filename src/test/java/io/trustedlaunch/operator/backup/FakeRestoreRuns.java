package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.testkit.FakeApiServer;

/** Removes runs that nobody wants any more, with the real rule. */
public record FakeRestoreRuns(ApiReader reader) {
    public void pass(FakeApiServer cache, ResourceWriter writer) {
        RestoreRunReconciler reconciler = new RestoreRunReconciler("", reader, writer);
        cache.seen(RestoreRun.class)
                .forEach(run -> reconciler.over(
                        run,
                        cache.find(TrustedLaunchVM.class, run.getSpec().vmRef().name())));
    }
}
