package io.trustedlaunch.agent.incarnation.report;

import io.trustedlaunch.agent.incarnation.record.IncarnationRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.kube.OwnWrites;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** Writes the status of incarnations; one that says nothing new is not written. */
public final class StatusReporter {
    /** How often a newer guest state alone is reported: people do not need each one. A claim and an end report more. */
    private static final Duration GUEST_STATE_ALONE = Duration.ofMinutes(5);

    private final StatusWriter writer;
    private final Function<VmRef, Optional<VmRecord>> records;
    private final OwnWrites<VMIncarnation> written = new OwnWrites<>();

    /** @param records what this host remembers of a VM */
    public StatusReporter(StatusWriter writer, Function<VmRef, Optional<VmRecord>> records) {
        this.writer = writer;
        this.records = records;
    }

    /** The newest version of the incarnation: from the cache, or as this agent wrote it. */
    public VMIncarnation latest(VMIncarnation cached) {
        return written.latest(cached);
    }

    /** Works like {@link #report}; a newer guest state alone is reported at intervals only. */
    public void reportRunning(VMIncarnation cached, VMIncarnationStatus status, Instant now) {
        VMIncarnation latest = latest(cached);
        VMIncarnationStatus reported = latest.getStatus();
        VMIncarnationStatus complete = withRecord(latest, status);
        if (differInGuestStateAlone(reported, complete) && isRecent(reported.guestState(), now)) {
            return;
        }
        write(latest, complete);
    }

    private static boolean differInGuestStateAlone(VMIncarnationStatus reported, VMIncarnationStatus now) {
        return reported != null
                && !Objects.equals(reported.guestState(), now.guestState())
                && isSame(withoutGuestState(reported), withoutGuestState(now));
    }

    private static boolean isRecent(SealedState state, Instant now) {
        return state != null
                && state.sealTime() != null
                && !RecordedTime.isOver(GUEST_STATE_ALONE, Instant.parse(state.sealTime()), now);
    }

    private static VMIncarnationStatus withoutGuestState(VMIncarnationStatus status) {
        return IncarnationStatus.withGuestState(status, null);
    }

    /** Returns when the API server has the status. */
    public void report(VMIncarnation cached, VMIncarnationStatus status) {
        VMIncarnation latest = latest(cached);
        write(latest, withRecord(latest, status));
    }

    private void write(VMIncarnation latest, VMIncarnationStatus status) {
        if (isSame(latest.getStatus(), status)) {
            return;
        }
        written.wrote(latest, writer.write(latest, status));
    }

    private VMIncarnationStatus withRecord(VMIncarnation incarnation, VMIncarnationStatus status) {
        return records.apply(incarnation.getSpec().vmRef())
                .map(here -> withSecureBoot(here.of(incarnation.getSpec().epoch()), withEkHere(here, status)))
                .orElse(status);
    }

    private static VMIncarnationStatus withSecureBoot(IncarnationRecord here, VMIncarnationStatus status) {
        return here.secureBoot()
                .map(state -> VMIncarnationStatusBuilder.builder(status)
                        .secureBoot(state)
                        .build())
                .orElse(status);
    }

    /** The key that was reported before is kept; in restored data it may be that of a TPM which was made anew since. */
    private static VMIncarnationStatus withEkHere(VmRecord record, VMIncarnationStatus status) {
        return Optional.ofNullable(status.ekDigest())
                .flatMap(reported -> record.ekDigest().filter(here -> !here.equals(reported)))
                .map(here -> VMIncarnationStatusBuilder.builder(status)
                        .ekDigest(here)
                        .ekPublic(null)
                        .build())
                .orElse(status);
    }

    /** A newer observedGeneration alone is not worth a write. */
    private static boolean isSame(VMIncarnationStatus reported, VMIncarnationStatus now) {
        return Optional.ofNullable(reported)
                .map(status -> withoutGeneration(status).equals(withoutGeneration(now)))
                .orElse(false);
    }

    private static VMIncarnationStatus withoutGeneration(VMIncarnationStatus status) {
        return VMIncarnationStatusBuilder.builder(status)
                .observedGeneration(null)
                .build();
    }
}
