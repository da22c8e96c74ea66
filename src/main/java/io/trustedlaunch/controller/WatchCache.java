package io.trustedlaunch.controller;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** The objects as a watch has them. Only {@code get} also finds what this process wrote last, before the watch brings it. */
public sealed class WatchCache<R extends HasMetadata> permits SecondaryCache {
    private final InformerEventSource<R, ?> source;
    private final Function<String, ResourceID> id;

    WatchCache(InformerEventSource<R, ?> source, Function<String, ResourceID> id) {
        this.source = source;
        this.id = id;
    }

    /** The object of the one namespace that is watched, or of a kind that is in none. */
    public Optional<R> get(String name) {
        return source.get(id.apply(name));
    }

    public Optional<R> get(String namespace, String name) {
        return source.get(new ResourceID(name, namespace));
    }

    public List<R> all() {
        return stream().toList();
    }

    public Stream<R> stream() {
        return source.list();
    }

    public List<R> byIndex(String index, String key) {
        return source.byIndex(index, key);
    }

    /** Whether all are listed. */
    public boolean isRunning() {
        return source.isRunning();
    }

    /** Adds an object that this process just created, until the watch brings it. */
    public R created(R object) {
        source.handleRecentResourceCreate(ResourceID.fromResource(object), object);
        return object;
    }

    /** Replaces an object that this process just changed, until the watch brings it. */
    public R updated(R object, R before) {
        source.handleRecentResourceUpdate(ResourceID.fromResource(object), object, before);
        return object;
    }
}
