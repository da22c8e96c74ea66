package io.trustedlaunch.agent.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The agent's own recent writes, which the cache may not have yet: the response to the last write is kept until the cache
 * has caught up.
 */
public final class OwnWrites<R extends HasMetadata> {
    private final Map<String, Written<R>> written = new ConcurrentHashMap<>();

    /** @param outdated versions older than the response: while the cache has one of them, it is behind */
    private record Written<R>(Set<String> outdated, R response) {}

    /** The newest known version of the object, cached or written. */
    public R latest(R seen) {
        String uid = seen.getMetadata().getUid();
        Written<R> last = written.get(uid);
        if (last == null) {
            return seen;
        }
        if (last.outdated().contains(version(seen))) {
            return last.response();
        }
        if (!version(seen).equals(version(last.response()))) {
            written.remove(uid);
        }
        return seen;
    }

    /** @param before the version that was overwritten */
    public void wrote(R before, R response) {
        String uid = before.getMetadata().getUid();
        Set<String> outdated = new HashSet<>(
                Optional.ofNullable(written.get(uid)).map(Written::outdated).orElse(Set.of()));
        outdated.add(version(before));
        outdated.remove(version(response));
        written.put(uid, new Written<>(outdated, response));
    }

    private static String version(HasMetadata object) {
        return Optional.ofNullable(object.getMetadata().getResourceVersion()).orElse("");
    }
}
