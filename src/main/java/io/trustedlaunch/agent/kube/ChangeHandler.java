package io.trustedlaunch.agent.kube;

import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.function.Consumer;

/** Calls back with each object that was added, changed or removed. */
public record ChangeHandler<T>(Consumer<T> changed) implements ResourceEventHandler<T> {
    /**
     * Starts a watch that retries forever: the API server may start after the agent, or be down for hours.
     *
     * @param synced called once all existing objects have been received
     */
    public static <T> void start(SharedIndexInformer<T> informer, Consumer<T> changed, Runnable synced) {
        informer.addEventHandler(new ChangeHandler<>(changed));
        informer.exceptionHandler((started, fault) -> true);
        var unused = informer.start().thenRun(synced);
    }

    @Override
    public void onAdd(T added) {
        changed.accept(added);
    }

    @Override
    public void onUpdate(T before, T now) {
        changed.accept(now);
    }

    @Override
    public void onDelete(T deleted, boolean finalStateUnknown) {
        changed.accept(deleted);
    }
}
