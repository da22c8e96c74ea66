package io.trustedlaunch.agent.kube;

import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.function.Consumer;

/** Calls back with whatever was added, changed or removed: the one who is woken looks itself. */
public record ChangeHandler<T>(Consumer<T> changed) implements ResourceEventHandler<T> {
    /**
     * Starts a watch that never gives up: the API server may come after the agent, or go for hours.
     *
     * @param synced called once all that there was has been seen, which may be nothing
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
