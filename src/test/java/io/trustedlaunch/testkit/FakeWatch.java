package io.trustedlaunch.testkit;

import io.fabric8.kubernetes.api.model.DefaultKubernetesResourceList;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListMetaBuilder;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.Watcher.Action;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.internal.AbstractWatchManager;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.impl.DefaultSharedIndexInformer;
import io.fabric8.kubernetes.client.informers.impl.ListerWatcher;
import io.javaoperatorsdk.operator.api.config.ControllerConfiguration;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The API server's side of one list and watch, in memory. */
public final class FakeWatch<R extends HasMetadata> implements ListerWatcher<R, DefaultKubernetesResourceList<R>> {
    /** A version that is older than each object's. */
    private static final String BEFORE_ALL = "0";

    private final Class<R> kind;
    private List<R> listed = List.of();
    private int lists;
    private volatile Watcher<R> watcher;

    public FakeWatch(Class<R> kind) {
        this.kind = kind;
    }

    /** What the next list returns. */
    public void has(List<R> objects) {
        listed = objects;
    }

    public void adds(R object) {
        watcher.eventReceived(Action.ADDED, object);
    }

    public void deletes(R object) {
        watcher.eventReceived(Action.DELETED, object);
    }

    public boolean isWatched() {
        return watcher != null;
    }

    /** How often the objects were listed. */
    public int lists() {
        return lists;
    }

    /** A client that can do nothing but select objects and make an informer of them. */
    public KubernetesClient client() {
        return selecting(KubernetesClient.class);
    }

    /** Starts an event source as the SDK does. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    public static void start(InformerEventSource<?, ?> source, ControllerConfiguration<?> controller) {
        source.setControllerConfiguration((ControllerConfiguration) controller);
        source.setEventHandler(event -> {});
        source.start();
    }

    private <T> T selecting(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getName().equals("runnableInformer")) {
                        return informer();
                    }
                    return method.getReturnType().isAssignableFrom(MixedOperation.class)
                            ? selecting(MixedOperation.class)
                            : null;
                }));
    }

    /** On other threads: a source that starts keeps events waiting. */
    public SharedIndexInformer<R> informer() {
        return new DefaultSharedIndexInformer<>(
                kind, this, 0, task -> Thread.ofPlatform().daemon().start(task));
    }

    @Override
    public CompletableFuture<DefaultKubernetesResourceList<R>> submitList(ListOptions options) {
        lists++;
        DefaultKubernetesResourceList<R> list = new DefaultKubernetesResourceList<>();
        list.setMetadata(new ListMetaBuilder().withResourceVersion(BEFORE_ALL).build());
        list.setItems(listed);
        return CompletableFuture.completedFuture(list);
    }

    @Override
    public CompletableFuture<AbstractWatchManager<R>> submitWatch(ListOptions options, Watcher<R> events) {
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
        return kind.getSimpleName();
    }

    @Override
    public Config getConfig() {
        return new ConfigBuilder().withAutoConfigure(false).build();
    }
}
