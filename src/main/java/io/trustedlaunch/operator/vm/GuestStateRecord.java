package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is on record of a VM's guest state, with what the agents of its lives have told since. What an incarnation's
 * status says is as durable as the VM's own, so that it counts before it is copied there, and need not be at once.
 */
final class GuestStateRecord {
    /** While a guest runs there is always a newer state at home soon; to show each would be a write for each. */
    private static final Duration SHOWN_EVERY = Duration.ofMinutes(5);

    private final VmFacts facts;
    private final Optional<GuestState> recorded;

    GuestStateRecord(VmFacts facts) {
        this.facts = facts;
        this.recorded = facts.status().map(TrustedLaunchVMStatus::guestState);
    }

    /** The last claim, or the last end that left nothing unsealed: nothing older is started from (I2). */
    Optional<GuestStateVersion> floor() {
        return Stream.concat(recordedFloor().stream(), facts.lives().stream().flatMap(life -> life.floor().stream()))
                .max(Comparator.naturalOrder());
    }

    /** A life's floor must be on record before its incarnation goes. */
    boolean lacks(Life life) {
        Optional<GuestStateVersion> known = recordedFloor();
        return life.floor()
                .filter(told -> known.map(floor -> told.compareTo(floor) > 0).orElse(true))
                .isPresent();
    }

    private Optional<GuestStateVersion> recordedFloor() {
        return recorded.map(GuestState::floor);
    }

    /** @return null while nothing is known of it */
    GuestState shown() {
        Optional<SealedState> newest = facts.lives().stream()
                .flatMap(life -> life.sealed().stream())
                .max(Comparator.comparing(SealedState::version))
                .filter(told -> recorded.map(GuestState::newest)
                        .map(known -> told.version().compareTo(known) >= 0)
                        .orElse(true));
        GuestState shown = new GuestState(
                newest.map(SealedState::version)
                        .or(() -> recorded.map(GuestState::newest))
                        .orElse(null),
                newest.map(SealedState::sealedAt)
                        .or(() -> recorded.map(GuestState::sealedAt))
                        .orElse(null),
                newest.map(SealedState::lagMilliseconds)
                        .or(() -> recorded.map(GuestState::lagMilliseconds))
                        .orElse(null),
                floor().orElse(null),
                recorded.map(GuestState::approval).orElse(null));
        return shown.newest() == null && shown.floor() == null && shown.approval() == null ? null : shown;
    }

    /** Whether {@code after} says something that should not wait for another reason to write. */
    static boolean isWorthAWrite(GuestState before, GuestState after) {
        if (before == null || after == null) {
            return !Objects.equals(before, after);
        }
        return !Objects.equals(before.floor(), after.floor())
                || !Objects.equals(before.approval(), after.approval())
                || sealedAt(after)
                        .flatMap(later -> sealedAt(before).map(earlier -> Duration.between(earlier, later)))
                        .filter(since -> since.compareTo(SHOWN_EVERY) >= 0)
                        .isPresent();
    }

    /** Nonsense is no time. */
    private static Optional<Instant> sealedAt(GuestState state) {
        try {
            return Optional.ofNullable(state.sealedAt()).map(Instant::parse);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
