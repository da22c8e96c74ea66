package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells what became of an incarnation, once: what is told already is not written again. The cache may not have seen yet
 * what was just written, so that the answer to the last write is kept until the cache has moved on.
 */
public final class IncarnationTeller {
    private final StatusWriter writer;
    private final Map<String, Written> written = new ConcurrentHashMap<>();

    /** @param basedOn the version in the cache when the write was made */
    private record Written(String basedOn, VMIncarnation answer) {}

    public IncarnationTeller(StatusWriter writer) {
        this.writer = writer;
    }

    /** The incarnation as it is known best: as cached, or as this agent wrote it a moment ago. */
    VMIncarnation latest(VMIncarnation cached) {
        String uid = cached.getMetadata().getUid();
        Written last = written.get(uid);
        if (last == null) {
            return cached;
        }
        if (Objects.equals(last.basedOn(), cached.getMetadata().getResourceVersion())) {
            return last.answer();
        }
        written.remove(uid);
        return cached;
    }

    /** Returns when the API server has it. */
    void tell(VMIncarnation cached, VMIncarnationStatus status) {
        VMIncarnation latest = latest(cached);
        if (saysTheSame(latest.getStatus(), status)) {
            return;
        }
        VMIncarnation answer = writer.write(latest, status);
        written.put(
                cached.getMetadata().getUid(), new Written(cached.getMetadata().getResourceVersion(), answer));
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
                status.ekCertificate(),
                status.networkInterfaces(),
                status.exit());
    }
}
