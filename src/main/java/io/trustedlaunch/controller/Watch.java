package io.trustedlaunch.controller;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelector;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The declaration of one watch: where, which events count, by which indexes its objects are found, and last what its events
 * trigger. Without more, each event counts.
 *
 * @param <R> the kind that is watched
 * @param <P> the controller's own kind, its primaries
 */
public final class Watch<R extends HasMetadata, P extends HasMetadata> {
    private final EventSourceContext<P> context;
    private final Consumer<EventSource<?, P>> declared;
    private final InformerEventSourceConfiguration.Builder<R> configuration;
    private final Map<String, Function<R, List<String>>> indexes = new HashMap<>();
    private BiFunction<InformerEventSourceConfiguration<R>, EventSourceContext<P>, InformerEventSource<R, P>> source =
            InformerEventSource::new;
    private Function<String, ResourceID> id = ResourceID::new;

    Watch(Class<R> kind, EventSourceContext<P> context, Consumer<EventSource<?, P>> declared) {
        this.context = context;
        this.declared = declared;
        this.configuration = InformerEventSourceConfiguration.from(kind, context.getPrimaryResourceClass());
    }

    public Watch<R, P> in(String namespace) {
        configuration.withNamespaces(namespace);
        id = name -> new ResourceID(name, namespace);
        return this;
    }

    /** Watches all namespaces, for a controller whose own kind is watched in one. */
    public Watch<R, P> inAllNamespaces() {
        configuration.withWatchAllNamespaces();
        return this;
    }

    /** Limits it to Secrets of this type. */
    public Watch<R, P> ofType(String type) {
        configuration.withFieldSelector(new FieldSelector(List.of(new FieldSelector.Field("type", type))));
        return this;
    }

    /** Limits it to objects with this label. */
    public Watch<R, P> labelled(String label) {
        configuration.withLabelSelector(label);
        return this;
    }

    /** Distinguishes it from another watch of the same kind and controller. */
    public Watch<R, P> named(String name) {
        configuration.withName(name);
        return this;
    }

    public Watch<R, P> onAddIf(Predicate<R> counts) {
        configuration.withOnAddFilter(counts::test);
        return this;
    }

    /** Updates count that change this part of the object. */
    public Watch<R, P> onChangeOf(Function<R, ?> part) {
        configuration.withOnUpdateFilter((now, before) -> !Objects.equals(part.apply(now), part.apply(before)));
        return this;
    }

    /** Updates count that change the specification, not the status. */
    public Watch<R, P> onChangeOfSpec() {
        return onChangeOf(object -> object.getMetadata().getGeneration());
    }

    public Watch<R, P> onNoUpdate() {
        configuration.withOnUpdateFilter((now, before) -> false);
        return this;
    }

    /** @param index not the name of another controller's index of the same objects: informers are shared */
    public Watch<R, P> indexedBy(String index, Function<R, String> key) {
        indexes.put(index, object -> List.of(key.apply(object)));
        return this;
    }

    /** Works like {@link #indexedBy}, by the namespace of the object. */
    public Watch<R, P> indexedByNamespace(String index) {
        return indexedBy(index, object -> object.getMetadata().getNamespace());
    }

    /** Works like {@link #indexedBy}, by each of the keys. */
    public Watch<R, P> indexedByEach(String index, Function<R, Stream<String>> keys) {
        indexes.put(index, object -> keys.apply(object).toList());
        return this;
    }

    /** Listens through an event source of its own. */
    public Watch<R, P> through(
            BiFunction<InformerEventSourceConfiguration<R>, EventSourceContext<P>, InformerEventSource<R, P>> own) {
        source = own;
        return this;
    }

    public WatchCache<R> triggersNone() {
        return triggers(object -> Set.of());
    }

    public WatchCache<R> triggersAll() {
        return triggersEach(object -> primaries().toList());
    }

    /** Triggers the primary of the object's own name; primaries are in no namespace. */
    public WatchCache<R> triggersNamesake() {
        return triggersNamed(object -> object.getMetadata().getName());
    }

    /** Triggers the primary of that name; primaries are in no namespace. */
    public WatchCache<R> triggersNamed(Function<R, String> name) {
        return triggers(object -> Set.of(new ResourceID(name.apply(object))));
    }

    public WatchCache<R> triggersMatching(BiPredicate<R, P> matches) {
        return triggersEach(object ->
                primaries().filter(primary -> matches.test(object, primary)).toList());
    }

    public WatchCache<R> triggersEach(Function<R, Collection<P>> primaries) {
        return triggers(object ->
                primaries.apply(object).stream().map(ResourceID::fromResource).collect(Collectors.toSet()));
    }

    public WatchCache<R> triggers(SecondaryToPrimaryMapper<R> primaries) {
        // The SDK's own index would keep a primary that is gone for as long as a node, an image or a policy exists.
        configuration.withPrimaryToSecondaryMapper((P primary) -> Set.of());
        return new WatchCache<>(declare(primaries), id);
    }

    /**
     * Works like {@link #triggers}, and indexes the objects by their primaries, own writes included. The index keeps a primary
     * that is gone for as long as one of its objects exists.
     */
    public SecondaryCache<R, P> isSecondaryOf(SecondaryToPrimaryMapper<R> primaries) {
        return new SecondaryCache<>(declare(primaries), id);
    }

    private InformerEventSource<R, P> declare(SecondaryToPrimaryMapper<R> primaries) {
        InformerEventSource<R, P> made = source.apply(
                configuration.withSecondaryToPrimaryMapper(primaries).build(), context);
        made.addIndexers(indexes);
        declared.accept(made);
        return made;
    }

    private Stream<P> primaries() {
        return context.getPrimaryCache().list();
    }
}
