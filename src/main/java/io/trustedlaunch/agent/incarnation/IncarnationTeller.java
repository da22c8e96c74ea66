package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells what became of an incarnation, once: what is told already is not written again. The cache may not have seen yet
 * what was just written, so that the answer to the last write is kept until the cache has moved on.
 */
public final class IncarnationTeller {
    private final StatusWriter writer;
    private final Map<String, Written> written = new ConcurrentHashMap<>();

    /** @param outdated the versions that this answer is newer than: as long as the cache has one, it is behind */
    private record Written(Set<String> outdated, VMIncarnation answer) {}

    public IncarnationTeller(StatusWriter writer) {
        this.writer = writer;
    }

    /** The incarnation as it is known best: as seen, or as this agent wrote it a moment ago. */
    VMIncarnation latest(VMIncarnation seen) {
        String uid = seen.getMetadata().getUid();
        Written last = written.get(uid);
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

    /** Returns when the API server has it. */
    void tell(VMIncarnation seen, VMIncarnationStatus status) {
        VMIncarnation latest = latest(seen);
        if (saysTheSame(latest.getStatus(), status)) {
            return;
        }
        String uid = seen.getMetadata().getUid();
        VMIncarnation answer = writer.write(latest, status);
        Set<String> outdated = new HashSet<>(
                Optional.ofNullable(written.get(uid)).map(Written::outdated).orElse(Set.of()));
        outdated.add(version(latest));
        outdated.remove(version(answer));
        written.put(uid, new Written(outdated, answer));
    }

    private static String version(VMIncarnation incarnation) {
        return Optional.ofNullable(incarnation.getMetadata().getResourceVersion())
                .orElse("");
    }

    /** That a newer spec was looked at, and nothing changed, is not worth a write. */
    private static boolean saysTheSame(VMIncarnationStatus told, VMIncarnationStatus now) {
        return Optional.ofNullable(told)
                .map(status -> withoutGeneration(status).equals(withoutGeneration(now)))
                .orElse(false);
    }

    private static VMIncarnationStatus withoutGeneration(VMIncarnationStatus status) {
        return new VMIncarnationStatus(
                null,
                status.phase(),
                status.reason(),
                status.message(),
                status.ekDigest(),
                status.ekPublic(),
                status.networkInterfaces(),
                status.guestState(),
                status.exit());
    }
}
