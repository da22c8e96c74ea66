package io.trustedlaunch.testkit;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The objects of a controller's own kind, as its cache has them. */
public final class FakePrimaries<P extends HasMetadata> implements IndexerResourceCache<P> {
    private final List<P> all;
    private final Map<String, Function<P, List<String>>> indexers = new HashMap<>();

    @SafeVarargs
    public FakePrimaries(P... all) {
        this.all = List.of(all);
    }

    @Override
    public void addIndexers(Map<String, Function<P, List<String>>> more) {
        indexers.putAll(more);
    }

    @Override
    public List<P> byIndex(String index, String key) {
        return all.stream()
                .filter(primary -> indexers.get(index).apply(primary).contains(key))
                .toList();
    }

    @Override
    public Optional<P> get(ResourceID id) {
        return list(primary -> ResourceID.fromResource(primary).equals(id)).findFirst();
    }

    @Override
    public Stream<ResourceID> keys() {
        return all.stream().map(ResourceID::fromResource);
    }

    @Override
    public Stream<P> list(Predicate<P> predicate) {
        return all.stream().filter(predicate);
    }

    @Override
    public Stream<P> list(String namespace, Predicate<P> predicate) {
        return list(primary -> namespace.equals(primary.getMetadata().getNamespace()))
                .filter(predicate);
    }
}
