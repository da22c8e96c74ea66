package io.trustedlaunch.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.processing.GroupVersionKind;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.metrics.ProcessMetrics;
import io.trustedlaunch.testkit.Vms;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SdkMetricsTest {
    private final ProcessMetrics metrics = new ProcessMetrics(SdkMetrics.filters());
    private final Metrics sdk = SdkMetrics.in(metrics.registry());

    @Test
    void noResourceHasASeriesOfItsOwn() {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        Map<String, Object> about = Map.of(Constants.RESOURCE_GVK_KEY, GroupVersionKind.gvkFor(TrustedLaunchVM.class));
        sdk.finishedReconciliation(vm, about);
        sdk.failedReconciliation(vm, new IllegalStateException("for the test"), about);
        sdk.cleanupDoneFor(ResourceID.fromResource(vm), about);

        assertThat(metrics.scrape())
                .contains("operator_sdk_reconciliations_failed_total{exception=\"IllegalStateException\"")
                .doesNotContain("payroll", "finance");
    }
}
