package io.trustedlaunch.operator.backup;

import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.vm.facts.RestoreRecord;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Removes a run unless it is that of a restore which a VM has on record and which has not ended. */
@ControllerConfiguration(
        name = "restorerun",
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class RestoreRunReconciler extends RunRemover<RestoreRun, TrustedLaunchVM> {
    /** @param namespace the operator's own, where the runs are */
    public RestoreRunReconciler(String namespace, ApiReader reader, ResourceWriter writer) {
        super(TrustedLaunchVM.class, namespace, reader::vm, writer);
    }

    @Override
    protected Stream<String> runsOf(TrustedLaunchVM vm) {
        return new RestoreRecord(vm).last().map(restore -> restore.uid()).stream();
    }

    @Override
    protected ResourceID subjectOf(RestoreRun run) {
        return new ResourceID(
                run.getSpec().vmRef().name(), run.getSpec().vmRef().namespace());
    }

    @Override
    protected boolean isNeeded(RestoreRun run, TrustedLaunchVM vm) {
        return new RestoreRecord(vm)
                .open()
                .filter(open -> open.uid().equals(run.getMetadata().getName()))
                .filter(open -> run.getSpec().isFor(vm, open))
                .isPresent();
    }
}
