package io.trustedlaunch.operator.metrics;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Caches with what a test puts there. */
public final class CachedObjects implements Caches {
    private final List<HasMetadata> objects = new ArrayList<>();

    public void add(HasMetadata object) {
        objects.add(object);
    }

    @Override
    public <R extends HasMetadata> Stream<R> list(Class<R> kind) {
        return objects.stream().filter(kind::isInstance).map(kind::cast);
    }
}
