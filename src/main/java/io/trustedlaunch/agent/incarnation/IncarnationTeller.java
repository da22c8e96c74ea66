package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells what became of an incarnation, once: what is told already is not written again. The cache may not have seen yet
 * what was just written, so that the answer to the last write is kept until the cache has moved on.
 */
public final class IncarnationTeller {
    /** For people, who are not told of each change; a claim and an end are never told of by themselves. */
    private static final Duration GUEST_STATE_ALONE = Duration.ofMinutes(5);

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

    /** As {@link #tell}; that the guest state alone is newer is told once in a while only. */
    void tellRunning(VMIncarnation seen, VMIncarnationStatus status, Instant now) {
        VMIncarnationStatus told = latest(seen).getStatus();
        if (differInGuestStateAlone(told, status) && isRecent(told.guestState(), now)) {
            return;
        }
        tell(seen, status);
    }

    private static boolean differInGuestStateAlone(VMIncarnationStatus told, VMIncarnationStatus now) {
        return told != null
                && !Objects.equals(told.guestState(), now.guestState())
                && saysTheSame(withoutGuestState(told), withoutGuestState(now));
    }

    private static boolean isRecent(SealedState state, Instant now) {
        return state != null
                && state.sealedAt() != null
                && Instant.parse(state.sealedAt()).plus(GUEST_STATE_ALONE).isAfter(now);
    }

    private static VMIncarnationStatus withoutGuestState(VMIncarnationStatus status) {
        return IncarnationStatus.withGuestState(status, null);
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
                status.exit(),
                status.departure());
    }
}
