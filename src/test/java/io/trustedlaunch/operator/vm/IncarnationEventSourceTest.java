package io.trustedlaunch.operator.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.DefaultKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListMeta;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.Watcher.Action;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.internal.AbstractWatchManager;
import io.fabric8.kubernetes.client.informers.impl.DefaultSharedIndexInformer;
import io.fabric8.kubernetes.client.informers.impl.ListerWatcher;
import io.javaoperatorsdk.operator.api.config.BaseConfigurationService;
import io.javaoperatorsdk.operator.api.config.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.operator.kube.SharedInformers;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.testkit.Incarnations;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Over the informer of the operator, which lists and watches in memory here. */
class IncarnationEventSourceTest {
    private final FakeWatch server = new FakeWatch();
    private final VmDependencies dependencies = VmDependenciesBuilder.builder()
            .namespace(Incarnations.NAMESPACE)
            .liveness(new AgentLiveness(() -> 0))
            .build();
    private final ControllerConfiguration<TrustedLaunchVM> configuration =
            new BaseConfigurationService().getConfigurationFor(new VmReconciler(dependencies));
    private final EventSourceContext<TrustedLaunchVM> context = new EventSourceContext<>(
            new VmEventSourcesTest.NoVms(),
            configuration,
            SharedInformers.of(selecting(KubernetesClient.class)),
            TrustedLaunchVM.class);
    private final VmEventSources sources = new VmEventSources(context, dependencies);

    @Test
    void whatIsListedIsAllocatedBeforeTheFirstPass() {
        server.listed = List.of(incarnation(1));
        start(incarnations());
        assertThat(allocated()).containsExactly("host-a");
    }

    @Test
    void whatTheSharedWatchBroughtAnotherControllerIsAllocatedBeforeTheFirstPass() {
        start(another());
        server.watcher.eventReceived(Action.ADDED, incarnation(1));
        start(incarnations());
        assertThat(allocated()).containsExactly("host-a");
        assertThat(server.lists).isEqualTo(1);
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

    @SuppressWarnings({"unchecked", "rawtypes"})
    private void start(InformerEventSource<?, TrustedLaunchVM> source) {
        source.setControllerConfiguration((ControllerConfiguration) configuration);
        source.setEventHandler(event -> {});
        source.start();
    }

    private static VMIncarnation incarnation(long version) {
        VMIncarnation incarnation = Incarnations.incarnation(
                Incarnations.spec(1).nodeName("host-a").build(),
                Incarnations.status(Phase.Running).build());
        incarnation.getMetadata().setResourceVersion(Long.toString(version));
        return incarnation;
    }

    /** A client that can do nothing but select objects and make an informer of them. */
    private <T> T selecting(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getName().equals("runnableInformer")) {
                        return new DefaultSharedIndexInformer<>(
                                VMIncarnation.class, server, 0, IncarnationEventSourceTest::elsewhere);
                    }
                    return method.getReturnType().isAssignableFrom(MixedOperation.class)
                            ? selecting(MixedOperation.class)
                            : null;
                }));
    }

    /** A source that starts keeps events waiting. */
    private static void elsewhere(Runnable task) {
        Thread.ofPlatform().daemon().start(task);
    }

    private static final class FakeWatch
            implements ListerWatcher<VMIncarnation, DefaultKubernetesResourceList<VMIncarnation>> {
        private List<VMIncarnation> listed = List.of();
        private int lists;
        private Watcher<VMIncarnation> watcher;

        @Override
        public CompletableFuture<DefaultKubernetesResourceList<VMIncarnation>> submitList(ListOptions options) {
            lists++;
            DefaultKubernetesResourceList<VMIncarnation> list = new DefaultKubernetesResourceList<>();
            list.setMetadata(new ListMeta());
            list.setItems(listed);
            return CompletableFuture.completedFuture(list);
        }

        @Override
        public CompletableFuture<AbstractWatchManager<VMIncarnation>> submitWatch(
                ListOptions options, Watcher<VMIncarnation> events) {
            watcher = events;
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public Long getLimit() {
            return null;
        }

        @Override
        public int getWatchReconnectInterval() {
            return 1000;
        }

        @Override
        public String getApiEndpointPath() {
            return "vmincarnations";
        }

        @Override
        public Config getConfig() {
            return new ConfigBuilder().withAutoConfigure(false).build();
        }
    }
}
