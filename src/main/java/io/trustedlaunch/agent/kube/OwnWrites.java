package io.trustedlaunch.agent.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this agent wrote a moment ago, which the cache may not have seen yet: the answer to the last write is kept until
 * the cache has moved on.
 */
public final class OwnWrites<R extends HasMetadata> {
    private final Map<String, Written<R>> written = new ConcurrentHashMap<>();

    /** @param outdated the versions that this answer is newer than: as long as the cache has one, it is behind */
    private record Written<R>(Set<String> outdated, R answer) {}

    /** The object as it is known best: as seen, or as it was written. */
    public R latest(R seen) {
        String uid = seen.getMetadata().getUid();
        Written<R> last = written.get(uid);
        if (last == null) {
            return seen;
        }
        if (last.outdated().contains(version(seen))) {
            return last.answer();
        }
        if (!version(seen).equals(version(last.answer()))) {
            written.remove(uid);
        }
        return seen;
    }

    /** @param before what was written over */
    public void wrote(R before, R answer) {
        String uid = before.getMetadata().getUid();
        Set<String> outdated = new HashSet<>(
                Optional.ofNullable(written.get(uid)).map(Written::outdated).orElse(Set.of()));
        outdated.add(version(before));
        outdated.remove(version(answer));
        written.put(uid, new Written<>(outdated, answer));
    }

    private static String version(HasMetadata object) {
        return Optional.ofNullable(object.getMetadata().getResourceVersion()).orElse("");
    }
}
