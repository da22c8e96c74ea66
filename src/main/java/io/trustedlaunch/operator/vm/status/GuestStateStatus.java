package io.trustedlaunch.operator.vm.status;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.vm.ApprovedGuestState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Approval;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** The guest state in a VM's status. */
record GuestStateStatus(VmFacts facts, Instant now) {
    /** While a guest runs, each newer state at home would cost a write. */
    private static final Duration SHOWN_EVERY = Duration.ofMinutes(5);

    /**
     * The guest state to show in the status; empty while none is known.
     *
     * @param hasTpm whether the status names the VM's EK; before, its incarnation has not taken the home
     */
    Optional<GuestState> shown(boolean hasTpm) {
        Optional<SealedState> newest = facts.incarnations().all().stream()
                .flatMap(incarnation -> incarnation.sealed().stream())
                .max(Comparator.comparing(SealedState::version))
                .filter(reported -> recorded()
                        .map(GuestState::newest)
                        .map(known -> reported.version().compareTo(known) >= 0)
                        .orElse(true));
        Optional<Home> home = facts.guestState()
                .home()
                .known()
                .filter(known -> hasTpm || !facts.incarnations().isFirstStart());
        GuestState shown = TrustedLaunchVMStatusGuestStateBuilder.builder()
                .newest(last(newest, SealedState::version, GuestState::newest))
                .sealTime(last(newest, SealedState::sealTime, GuestState::sealTime))
                .lagMilliseconds(last(newest, SealedState::lagMilliseconds, GuestState::lagMilliseconds))
                .floor(facts.guestState().floor().orElse(null))
                .approval(approval().orElse(null))
                .lastWatched(facts.guestState().lastWatched().orElse(null))
                .home(home.orElse(null))
                .libtpms(home.flatMap(there -> facts.guestState().libtpms()).orElse(null))
                .build();
        boolean unknown =
                shown.newest() == null && shown.floor() == null && shown.approval() == null && shown.home() == null;
        return unknown ? Optional.empty() : Optional.of(shown);
    }

    private <T> T last(
            Optional<SealedState> reported, Function<SealedState, T> ofReport, Function<GuestState, T> ofRecord) {
        return reported.map(ofReport).or(() -> recorded().map(ofRecord)).orElse(null);
    }

    /**
     * Whether {@code after} is worth a write of its own. A claim waits until the guest runs, which is written in any
     * case.
     */
    boolean isWorthAWrite(GuestState after) {
        GuestState before = recorded()
                .orElseGet(
                        () -> TrustedLaunchVMStatusGuestStateBuilder.builder().build());
        if (after == null || !Objects.equals(before.approval(), after.approval())) {
            return after != null;
        }
        boolean starting =
                facts.incarnations().current().filter(Incarnation::hasNotRunYet).isPresent();
        return !starting
                && (!Objects.equals(before.floor(), after.floor())
                        || !Objects.equals(before.home(), after.home())
                        || isMuchNewer(before, after));
    }

    /** The last approval that was used. */
    private Optional<Approval> approval() {
        Optional<Approval> known = recorded().map(GuestState::approval);
        return facts.guestState()
                .lastFromApproved()
                .filter(incarnation ->
                        known.map(last -> last.forEpoch() < incarnation.epoch()).orElse(true))
                .map(incarnation -> approval(incarnation))
                .or(() -> known);
    }

    private Approval approval(Incarnation incarnation) {
        GuestStateVersion version = incarnation.approved().get();
        Optional<Restore> restore = facts.vm()
                .restores()
                .completed()
                .filter(completed ->
                        version.equals(completed.guestState()) && incarnation.epoch() > completed.afterEpoch());
        return new Approval(
                version,
                restore.map(Restore::approvedBy).orElseGet(() -> approver(version)),
                now.truncatedTo(ChronoUnit.SECONDS).toString(),
                incarnation.epoch(),
                restore.map(of -> of.backup().name()).orElse(null));
    }

    /** Null if the user has changed the approval since. */
    private String approver(GuestStateVersion version) {
        return facts.vm()
                .approvedGuestState()
                .filter(inSpec -> inSpec.version().equals(version))
                .map(ApprovedGuestState::approvedBy)
                .orElse(null);
    }

    private static boolean isMuchNewer(GuestState before, GuestState after) {
        return sealTime(after)
                .flatMap(later -> sealTime(before).filter(earlier -> RecordedTime.isOver(SHOWN_EVERY, earlier, later)))
                .isPresent();
    }

    /** Empty if the agent reports something else than a time. */
    private static Optional<Instant> sealTime(GuestState state) {
        try {
            return Optional.ofNullable(state.sealTime()).map(Instant::parse);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private Optional<GuestState> recorded() {
        return facts.vm().guestState();
    }
}
