package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.api.config.BaseConfigurationService;
import io.javaoperatorsdk.operator.api.config.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.kube.SharedInformers;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.testkit.FakePrimaries;
import io.trustedlaunch.testkit.FakeWatch;
import io.trustedlaunch.testkit.Incarnations;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Over the informer of the operator, which lists and watches in memory here. */
class IncarnationEventSourceTest {
    private final FakeWatch<VMIncarnation> server = new FakeWatch<>(VMIncarnation.class);
    private final VmDependencies dependencies = VmDependenciesBuilder.builder()
            .namespace(Incarnations.NAMESPACE)
            .liveness(new AgentLiveness(() -> 0))
            .build();
    private final ControllerConfiguration<TrustedLaunchVM> configuration =
            new BaseConfigurationService().getConfigurationFor(new VmReconciler(dependencies));
    private final EventSourceContext<TrustedLaunchVM> context = new EventSourceContext<>(
            new FakePrimaries<>(), configuration, SharedInformers.of(server.client()), TrustedLaunchVM.class);
    private final VmEventSources sources = new VmEventSources(context, dependencies);

    @Test
    void whatIsListedIsAllocatedBeforeTheFirstPass() {
        server.has(List.of(incarnation(1)));
        start(incarnations());
        assertThat(allocated()).containsExactly("host-a");
    }

    @Test
    void whatTheSharedWatchBroughtAnotherControllerIsAllocatedBeforeTheFirstPass() {
        start(another());
        server.adds(incarnation(1));
        start(incarnations());
        assertThat(allocated()).containsExactly("host-a");
        assertThat(server.lists()).isEqualTo(1);
    }

    private Set<String> allocated() {
        return sources.allocations().byNode().keySet();
    }

    private InformerEventSource<?, TrustedLaunchVM> incarnations() {
        return sources.all().stream()
                .filter(IncarnationEventSource.class::isInstance)
                .map(IncarnationEventSource.class::cast)
                .findFirst()
                .orElseThrow();
    }

    /** As that of another controller. */
    private InformerEventSource<?, TrustedLaunchVM> another() {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(VMIncarnation.class, TrustedLaunchVM.class)
                        .withNamespaces(Incarnations.NAMESPACE)
                        .withSecondaryToPrimaryMapper(incarnation -> Set.of())
                        .build(),
                context);
    }

    private void start(InformerEventSource<?, TrustedLaunchVM> source) {
        FakeWatch.start(source, configuration);
    }

    private static VMIncarnation incarnation(long version) {
        VMIncarnation incarnation = Incarnations.incarnation(
                Incarnations.spec(1).nodeName("host-a").build(),
                Incarnations.status(Phase.Running).build());
        incarnation.getMetadata().setResourceVersion(Long.toString(version));
        return incarnation;
    }
}
