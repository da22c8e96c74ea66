package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What two watches of one kind have, each object as whichever has heard more of it has it. A look that one of them asked
 * for must not miss what the other has not heard yet: nobody would ask again.
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
