package io.trustedlaunch.controller;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.function.Function;

/** Also finds the objects that trigger a primary, with those that this process wrote last. */
public final class SecondaryCache<R extends HasMetadata, P extends HasMetadata> extends WatchCache<R> {
    private final InformerEventSource<R, P> source;

    SecondaryCache(InformerEventSource<R, P> source, Function<String, ResourceID> id) {
        super(source, id);
        this.source = source;
    }

    public List<R> of(P primary) {
        return List.copyOf(source.getSecondaryResources(primary));
    }
}
