package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.ApprovedGuestState;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Approval;
import io.trustedlaunch.api.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is on record of a VM's guest state, with what the agents of its lives have told since. What an incarnation's
 * status says is as durable as the VM's own, so that it counts before it is copied there, and need not be at once.
 */
public final class GuestStateRecord {
    /** While a guest runs there is always a newer state at home soon; to show each would be a write for each. */
    private static final Duration SHOWN_EVERY = Duration.ofMinutes(5);

    private final VmFacts facts;
    private final Optional<GuestState> recorded;

    GuestStateRecord(VmFacts facts) {
        this.facts = facts;
        this.recorded = facts.status().map(TrustedLaunchVMStatus::guestState);
    }

    /** The last claim, or the last end that left nothing unsealed: nothing older is started from (I2). */
    public Optional<GuestStateVersion> floor() {
        return Stream.concat(
                        recordedFloor().stream(),
                        facts.incarnations().stream().flatMap(incarnation -> incarnation.floor().stream()))
                .max(Comparator.naturalOrder());
    }

    /** What a life tells must be on record before its incarnation goes. */
    public boolean lacks(Incarnation incarnation) {
        Optional<GuestStateVersion> known = recordedFloor();
        boolean lacksFloor = incarnation
                .floor()
                .filter(told -> known.map(floor -> told.compareTo(floor) > 0).orElse(true))
                .isPresent();
        Optional<GuestStateVersion> watched = lastWatched();
        boolean lacksWatched = watched.isPresent()
                && watched.equals(incarnation.lastWatched())
                && !watched.equals(recorded.map(GuestState::lastWatched));
        return lacksFloor || lacksWatched;
    }

    /** What came after it was changed while no agent watched. */
    public Optional<GuestStateVersion> lastWatched() {
        return Stream.concat(
                        recorded.map(GuestState::lastWatched).stream(),
                        facts.incarnations().stream().flatMap(incarnation -> incarnation.lastWatched().stream()))
                .max(Comparator.naturalOrder())
                .filter(last -> !isSettled(last));
    }

    /** A later life has had a clean stop, so that its user did not mind; or was begun with what the user approved. */
    private boolean isSettled(GuestStateVersion last) {
        return facts.incarnations().stream()
                .filter(incarnation -> incarnation.epoch() > last.epoch())
                .anyMatch(incarnation -> incarnation.endedCleanly() || isBegunFromApproved(incarnation));
    }

    /**
     * What the life of the epoch on record may begin with, though it is not the newest. An approval is for one life: it
     * is spent once a life that was given it has claimed.
     */
    public Optional<GuestStateVersion> approved() {
        boolean claimed =
                floor().filter(floor -> floor.epoch() >= facts.epoch()).isPresent();
        return wish().map(ApprovedGuestState::version).filter(version -> !claimed && !isSpent(version));
    }

    private Optional<ApprovedGuestState> wish() {
        return Optional.ofNullable(facts.spec().approveGuestState());
    }

    private boolean isSpent(GuestStateVersion version) {
        Optional<GuestStateVersion> recordedOne =
                recorded.map(GuestState::approval).map(Approval::version);
        return recordedOne.equals(Optional.of(version))
                || begunFromApproved().flatMap(Incarnation::approved).equals(Optional.of(version));
    }

    private Optional<Incarnation> begunFromApproved() {
        return facts.incarnations().stream()
                .filter(GuestStateRecord::isBegunFromApproved)
                .max(Comparator.comparingLong(Incarnation::epoch));
    }

    private static boolean isBegunFromApproved(Incarnation incarnation) {
        return incarnation.approved().isPresent() && incarnation.claim().isPresent();
    }

    /** The last that was used. */
    private Optional<Approval> approval(Instant now) {
        Optional<Approval> known = recorded.map(GuestState::approval);
        return begunFromApproved()
                .filter(incarnation ->
                        known.map(last -> last.forEpoch() < incarnation.epoch()).orElse(true))
                .map(incarnation -> new Approval(
                        incarnation.approved().get(),
                        approver(incarnation.approved().get()),
                        now.truncatedTo(ChronoUnit.SECONDS).toString(),
                        incarnation.epoch()))
                .or(() -> known);
    }

    /** Null if the user has changed the approval since it was handed on. */
    private String approver(GuestStateVersion version) {
        return wish().filter(wish -> wish.version().equals(version))
                .map(ApprovedGuestState::approvedBy)
                .orElse(null);
    }

    private Optional<GuestStateVersion> recordedFloor() {
        return recorded.map(GuestState::floor);
    }

    /** @return null while nothing is known of it */
    public GuestState shown(Instant now) {
        Optional<SealedState> newest = facts.incarnations().stream()
                .flatMap(incarnation -> incarnation.sealed().stream())
                .max(Comparator.comparing(SealedState::version))
                .filter(told -> recorded.map(GuestState::newest)
                        .map(known -> told.version().compareTo(known) >= 0)
                        .orElse(true));
        GuestState shown = TrustedLaunchVMStatusGuestStateBuilder.builder()
                .newest(newest.map(SealedState::version)
                        .or(() -> recorded.map(GuestState::newest))
                        .orElse(null))
                .sealTime(newest.map(SealedState::sealTime)
                        .or(() -> recorded.map(GuestState::sealTime))
                        .orElse(null))
                .lagMilliseconds(newest.map(SealedState::lagMilliseconds)
                        .or(() -> recorded.map(GuestState::lagMilliseconds))
                        .orElse(null))
                .floor(floor().orElse(null))
                .approval(approval(now).orElse(null))
                .lastWatched(lastWatched().orElse(null))
                .build();
        return shown.newest() == null && shown.floor() == null && shown.approval() == null ? null : shown;
    }

    /**
     * Whether {@code after} says something that should not wait for another reason to write. A claim waits until the
     * guest runs, which is written in any case.
     */
    public boolean isWorthAWrite(GuestState after) {
        GuestState before = recorded.orElseGet(
                () -> TrustedLaunchVMStatusGuestStateBuilder.builder().build());
        if (after == null || !Objects.equals(before.approval(), after.approval())) {
            return after != null;
        }
        boolean begins = facts.current().filter(Incarnation::hasNotRunYet).isPresent();
        return !begins && (!Objects.equals(before.floor(), after.floor()) || isMuchNewer(before, after));
    }

    private static boolean isMuchNewer(GuestState before, GuestState after) {
        return sealTime(after)
                .flatMap(later -> sealTime(before).map(earlier -> Duration.between(earlier, later)))
                .filter(since -> since.compareTo(SHOWN_EVERY) >= 0)
                .isPresent();
    }

    /** Nonsense is no time. */
    private static Optional<Instant> sealTime(GuestState state) {
        try {
            return Optional.ofNullable(state.sealTime()).map(Instant::parse);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
