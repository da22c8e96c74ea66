package io.trustedlaunch.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.processing.GroupVersionKind;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.metrics.ProcessMetrics;
import io.trustedlaunch.testkit.Vms;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SdkMetricsTest {
    private final ProcessMetrics metrics = new ProcessMetrics(SdkMetrics.filters());
    private final Metrics sdk = SdkMetrics.in(metrics.registry());

    /** Prometheus refuses a series whose labels have other names than those of the first one. */
    @Test
    void kindsOfKubernetesItselfWhichHaveNoGroupAreCountedToo() {
        sdk.reconciliationSucceeded(
                Vms.vm(Vms.spec().build()),
                Map.of(Constants.RESOURCE_GVK_KEY, GroupVersionKind.gvkFor(TrustedLaunchVM.class)));
        sdk.reconciliationSucceeded(
                new NodeBuilder()
                        .withNewMetadata()
                        .withName("host-a")
                        .endMetadata()
                        .build(),
                Map.of(Constants.RESOURCE_GVK_KEY, GroupVersionKind.gvkFor(Node.class)));

        assertThat(metrics.scrape())
                .contains("operator_sdk_reconciliations_success_total{group=\"trustedlaunch.io\"")
                .contains("operator_sdk_reconciliations_success_total{group=\"\",kind=\"Node\"");
    }

    @Test
    void noResourceHasASeriesOfItsOwn() {
        TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
        Map<String, Object> about = Map.of(Constants.RESOURCE_GVK_KEY, GroupVersionKind.gvkFor(TrustedLaunchVM.class));
        sdk.reconciliationSucceeded(vm, about);
        sdk.reconciliationFailed(vm, null, new IllegalStateException("for the test"), about);
        sdk.cleanupDone(ResourceID.fromResource(vm), about);

        assertThat(metrics.scrape())
                .contains("operator_sdk_reconciliations_failed_total{exception=\"IllegalStateException\"")
                .doesNotContain("payroll", "finance");
    }
}
