package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Merges two watches of one kind: of each object, the newer version. A pass that an event of one watch triggers must
 * see the version of that event, since nothing triggers it again when the other watch follows.
 */
final class NewestVersions {
    private NewestVersions() {}

    static <R extends HasMetadata> List<R> of(List<R> one, List<R> other) {
        Map<String, R> newest = new LinkedHashMap<>();
        Stream.concat(one.stream(), other.stream())
                .forEach(object -> newest.merge(object.getMetadata().getName(), object, NewestVersions::later));
        return List.copyOf(newest.values());
    }

    private static <R extends HasMetadata> R later(R one, R other) {
        return version(other) > version(one) ? other : one;
    }

    private static long version(HasMetadata object) {
        return Long.parseLong(object.getMetadata().getResourceVersion());
    }
}
