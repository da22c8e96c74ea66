package io.trustedlaunch.controller;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The kinds that a controller watches besides its own.
 *
 * @param <P> the controller's own kind, its primaries
 */
public final class Watches<P extends HasMetadata> {
    private final EventSourceContext<P> context;
    private final List<EventSource<?, P>> sources = new ArrayList<>();

    public Watches(EventSourceContext<P> context) {
        this.context = context;
    }

    /** Declares a watch in the namespaces of the controller; its last call says what it triggers. */
    public <R extends HasMetadata> Watch<R, P> of(Class<R> kind) {
        return new Watch<>(kind, context, this::add);
    }

    /** Adds a source of events that is no watch. */
    public void add(EventSource<?, P> source) {
        sources.add(source);
    }

    /** The event sources for {@code prepareEventSources}. */
    public List<EventSource<?, P>> all() {
        return List.copyOf(sources);
    }
}
