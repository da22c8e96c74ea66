package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.api.config.BaseConfigurationService;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.testkit.FakePrimaries;
import io.trustedlaunch.testkit.Incarnations;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VmEventSourcesTest {
    /** Connected to nothing. */
    private final KubernetesClient client = new KubernetesClientBuilder()
            .withConfig(new ConfigBuilder()
                    .withAutoConfigure(false)
                    .withMasterUrl("https://127.0.0.1:1")
                    .build())
            .build();

    private final VmEventSources sources = sources();

    @AfterEach
    void close() {
        client.close();
    }

    /** With an index, a node, an image and a policy would keep all VMs in memory that ever were. */
    @Test
    void noWatchKeepsAnIndexOfVmsThatAreGone() {
        assertThat(sources.all())
                .filteredOn(InformerEventSource.class::isInstance)
                .isNotEmpty()
                .allSatisfy(source -> assertThat(((InformerEventSource<?, ?>) source)
                                .configuration()
                                .getPrimaryToSecondaryMapper())
                        .as(source.name())
                        .isNotNull());
    }

    private VmEventSources sources() {
        VmDependencies dependencies = VmDependenciesBuilder.builder()
                .namespace(Incarnations.NAMESPACE)
                .liveness(new AgentLiveness(() -> 0))
                .build();
        BaseConfigurationService service = new BaseConfigurationService();
        return new VmEventSources(
                new EventSourceContext<>(
                        new FakePrimaries<>(),
                        service.getConfigurationFor(new VmReconciler(dependencies)),
                        client,
                        TrustedLaunchVM.class),
                dependencies);
    }
}
