package io.trustedlaunch.agent.incarnation.report;

import io.trustedlaunch.agent.kube.OwnWrites;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** Tells what became of an incarnation, once: what is told already is not written again. */
public final class StatusReporter {
    /** For people, who are not told of each change; a claim and an end are never told of by themselves. */
    private static final Duration GUEST_STATE_ALONE = Duration.ofMinutes(5);

    private final StatusWriter writer;
    private final OwnWrites<VMIncarnation> written = new OwnWrites<>();

    public StatusReporter(StatusWriter writer) {
        this.writer = writer;
    }

    /** The incarnation as it is known best: as seen, or as this agent wrote it a moment ago. */
    public VMIncarnation latest(VMIncarnation seen) {
        return written.latest(seen);
    }

    /** As {@link #tell}; that the guest state alone is newer is told once in a while only. */
    public void tellRunning(VMIncarnation seen, VMIncarnationStatus status, Instant now) {
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
                && state.sealTime() != null
                && Instant.parse(state.sealTime()).plus(GUEST_STATE_ALONE).isAfter(now);
    }

    private static VMIncarnationStatus withoutGuestState(VMIncarnationStatus status) {
        return IncarnationStatus.withGuestState(status, null);
    }

    /** Returns when the API server has it. */
    public void tell(VMIncarnation seen, VMIncarnationStatus status) {
        VMIncarnation latest = latest(seen);
        if (saysTheSame(latest.getStatus(), status)) {
            return;
        }
        written.wrote(latest, writer.write(latest, status));
    }

    /** That a newer spec was looked at, and nothing changed, is not worth a write. */
    private static boolean saysTheSame(VMIncarnationStatus told, VMIncarnationStatus now) {
        return Optional.ofNullable(told)
                .map(status -> withoutGeneration(status).equals(withoutGeneration(now)))
                .orElse(false);
    }

    private static VMIncarnationStatus withoutGeneration(VMIncarnationStatus status) {
        return VMIncarnationStatusBuilder.builder(status)
                .observedGeneration(null)
                .build();
    }
}
