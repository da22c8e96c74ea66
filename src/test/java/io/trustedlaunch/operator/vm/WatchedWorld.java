package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.javaoperatorsdk.operator.api.config.BaseConfigurationService;
import io.javaoperatorsdk.operator.api.config.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.testkit.FakeWatch;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The operator's own watches over objects in memory: what a pass reads costs what it costs in the product. */
final class WatchedWorld {
    private final Map<String, List<? extends HasMetadata>> objects = new HashMap<>();
    private final Map<String, SharedIndexInformer<?>> informers = new HashMap<>();

    /** @param type of Secrets; otherwise empty */
    <R extends HasMetadata> void has(Class<R> kind, String type, List<R> all) {
        objects.put(kind.getSimpleName() + type, all);
    }

    /** Lists all, and returns once it has them. */
    VmEventSources watch(List<TrustedLaunchVM> vms, VmDependencies dependencies) {
        ControllerConfiguration<TrustedLaunchVM> controller =
                new BaseConfigurationService().getConfigurationFor(new VmReconciler(dependencies));
        VmEventSources sources = new VmEventSources(
                new EventSourceContext<>(
                        new Primaries(vms), controller, client(KubernetesClient.class, ""), TrustedLaunchVM.class),
                dependencies);
        sources.all().stream()
                .filter(InformerEventSource.class::isInstance)
                .map(source -> (InformerEventSource<?, ?>) source)
                .forEach(source -> FakeWatch.start(source, controller));
        return sources;
    }

    /** @param selection the kind, and the type of Secrets */
    private <T> T client(Class<T> type, String selection) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    String selected = switch (method.getName()) {
                        case "resources" -> ((Class<?>) arguments[0]).getSimpleName();
                        case "withField" -> selection + arguments[1];
                        default -> selection;
                    };
                    if (method.getName().equals("runnableInformer")) {
                        return informers.computeIfAbsent(selected, this::informer);
                    }
                    return method.getReturnType().isAssignableFrom(MixedOperation.class)
                            ? client(MixedOperation.class, selected)
                            : null;
                }));
    }

    private SharedIndexInformer<HasMetadata> informer(String selection) {
        FakeWatch<HasMetadata> watch = new FakeWatch<>(HasMetadata.class);
        watch.has(List.copyOf(objects.getOrDefault(selection, List.of())));
        return watch.informer();
    }

    /** With indexes, as the cache of a controller's own kind has them. */
    private static final class Primaries implements IndexerResourceCache<TrustedLaunchVM> {
        private final List<TrustedLaunchVM> all;
        private final Map<String, Map<String, List<TrustedLaunchVM>>> indexes = new HashMap<>();

        Primaries(List<TrustedLaunchVM> all) {
            this.all = all;
        }

        @Override
        public void addIndexers(Map<String, Function<TrustedLaunchVM, List<String>>> more) {
            more.forEach((name, keys) -> {
                Map<String, List<TrustedLaunchVM>> index = new HashMap<>();
                all.forEach(vm -> keys.apply(vm)
                        .forEach(key -> index.computeIfAbsent(key, first -> new ArrayList<>())
                                .add(vm)));
                indexes.put(name, index);
            });
        }

        @Override
        public List<TrustedLaunchVM> byIndex(String index, String key) {
            return List.copyOf(indexes.get(index).getOrDefault(key, List.of()));
        }

        @Override
        public Optional<TrustedLaunchVM> get(ResourceID id) {
            return list(vm -> ResourceID.fromResource(vm).equals(id)).findFirst();
        }

        @Override
        public Stream<ResourceID> keys() {
            return all.stream().map(ResourceID::fromResource);
        }

        @Override
        public Stream<TrustedLaunchVM> list(Predicate<TrustedLaunchVM> predicate) {
            return all.stream().filter(predicate);
        }

        @Override
        public Stream<TrustedLaunchVM> list(String namespace, Predicate<TrustedLaunchVM> predicate) {
            return list(vm -> namespace.equals(vm.getMetadata().getNamespace())).filter(predicate);
        }
    }
}
