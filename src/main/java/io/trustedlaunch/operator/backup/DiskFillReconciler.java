package io.trustedlaunch.operator.backup;

import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Fill;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.vm.facts.RestoreRecord;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Removes a DiskFill unless a VM has the fill on record, and is or was last on its node. */
@ControllerConfiguration(
        name = "diskfill",
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class DiskFillReconciler extends RunRemover<DiskFill, TrustedLaunchVM> {
    /** @param namespace the operator's own, where the runs are */
    public DiskFillReconciler(String namespace, ApiReader reader, ResourceWriter writer) {
        super(TrustedLaunchVM.class, namespace, reader::vm, writer);
    }

    @Override
    protected Stream<String> runsOf(TrustedLaunchVM vm) {
        return Stream.concat(
                        fill(vm).map(Fill::uid).stream(),
                        new RestoreRecord(vm).last().map(restore -> restore.uid()).stream())
                .distinct();
    }

    @Override
    protected ResourceID subjectOf(DiskFill run) {
        return new ResourceID(
                run.getSpec().vmRef().name(), run.getSpec().vmRef().namespace());
    }

    @Override
    protected boolean isNeeded(DiskFill run, TrustedLaunchVM vm) {
        return fill(vm).filter(fill -> fill.uid().equals(run.getMetadata().getName()))
                .filter(fill -> run.getSpec().isFor(vm, fill, vm.getStatus().nodeName()))
                .isPresent();
    }

    private static Optional<Fill> fill(TrustedLaunchVM vm) {
        return vm.status().map(TrustedLaunchVMStatus::diskFill);
    }
}
