package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.ApprovedGuestState;
import io.trustedlaunch.api.ClusterNodeStatus.Versions;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Approval;
import io.trustedlaunch.api.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Restore;
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
 * A VM's guest state: what the VM's status records, and what the agents of its incarnations have reported since. An
 * incarnation's status is as durable as the VM's, so it counts before it is copied there.
 */
public final class GuestStateRecord {
    /** While a guest runs, each newer state at home would cost a write. */
    private static final Duration SHOWN_EVERY = Duration.ofMinutes(5);

    private final VmFacts facts;
    private final Optional<GuestState> recorded;

    GuestStateRecord(VmFacts facts) {
        this.facts = facts;
        this.recorded = facts.status().map(TrustedLaunchVMStatus::guestState);
    }

    /** The version of the last claim or the last complete end: no start is from an older one (I2). */
    public Optional<GuestStateVersion> floor() {
        // The claim of an incarnation whose guest never ran goes with its TPM, before another is made.
        return facts.isFirstStart() ? Optional.empty() : lastFloor();
    }

    /**
     * With all that nodes have reported which are proved dead: whoever can remove files at home must not turn a TPM back by
     * letting its host die. It goes on record in the write that reserves the next epoch.
     */
    public Optional<GuestStateVersion> floorAfterFences() {
        Stream<GuestStateVersion> reported = facts.isFirstStart()
                ? Stream.empty()
                : facts.losses().all().stream()
                        .flatMap(over -> over.incarnation().sealed().stream())
                        .map(SealedState::version);
        return Stream.concat(floor().stream(), reported).max(Comparator.naturalOrder());
    }

    private Optional<GuestStateVersion> lastFloor() {
        return Stream.concat(
                        recordedFloor().stream(),
                        facts.incarnations().stream().flatMap(incarnation -> incarnation.floor().stream()))
                .max(Comparator.naturalOrder());
    }

    /** The incarnation has reported something that must be on record before it is deleted. */
    public boolean lacks(Incarnation incarnation) {
        Optional<GuestStateVersion> known = recordedFloor();
        boolean lacksFloor = incarnation
                .floor()
                .filter(reported ->
                        known.map(floor -> reported.compareTo(floor) > 0).orElse(true))
                .filter(reported -> !facts.isFirstStart())
                .isPresent();
        Optional<GuestStateVersion> watched = lastWatched();
        boolean lacksWatched = watched.isPresent()
                && watched.equals(incarnation.lastWatched())
                && !watched.equals(recorded.map(GuestState::lastWatched));
        boolean lacksHome = facts.home()
                .known()
                .filter(home -> home.epoch() == incarnation.epoch() && !facts.isFirstStart())
                .filter(home -> !facts.recordedHome().equals(Optional.of(home)))
                .isPresent();
        return lacksFloor || lacksWatched || lacksHome;
    }

    /** The last version before the guest state changed while no agent watched. */
    public Optional<GuestStateVersion> lastWatched() {
        return Stream.concat(
                        recorded.map(GuestState::lastWatched).stream(),
                        facts.incarnations().stream().flatMap(incarnation -> incarnation.lastWatched().stream()))
                .max(Comparator.naturalOrder())
                .filter(last -> !isSettled(last));
    }

    /**
     * A later incarnation ended cleanly, so the user did not object; or it started from a state that the user
     * approved.
     */
    private boolean isSettled(GuestStateVersion last) {
        return facts.incarnations().stream()
                .filter(incarnation -> incarnation.epoch() > last.epoch())
                .anyMatch(incarnation -> incarnation.endedCleanly() || startedFromApproved(incarnation));
    }

    /**
     * The version that the current incarnation may start from although it is not the newest. An approval is for one
     * incarnation: it is used up once an incarnation with it has claimed the home.
     */
    public Optional<GuestStateVersion> approved() {
        boolean claimed =
                floor().filter(floor -> floor.epoch() >= facts.epoch()).isPresent();
        return approvedNext().filter(version -> !claimed);
    }

    /** The version that an incarnation may start from that has not claimed the home yet: the current one, or the next. */
    public Optional<GuestStateVersion> approvedNext() {
        return restored()
                .map(Restore::guestState)
                .or(() ->
                        approvalInSpec().filter(approved -> !isSpent(approved)).map(ApprovedGuestState::version));
    }

    /** The VM's files are those of a backup, and no incarnation has begun from them: the next one does. */
    public Optional<Restore> restored() {
        return facts.restores().completed().filter(this::isUnused);
    }

    /** The same, or they may be, since nobody has put on record how it ended. */
    public Optional<Restore> perhapsRestored() {
        return facts.restores().open().or(() -> facts.restores().completed()).filter(this::isUnused);
    }

    private boolean isUnused(Restore restore) {
        return floor().filter(floor -> floor.epoch() > restore.afterEpoch()).isEmpty();
    }

    private Optional<ApprovedGuestState> approvalInSpec() {
        return Optional.ofNullable(facts.spec().approveGuestState());
    }

    /** A later epoch than that of the last use would let an approval be used at every start. */
    private boolean isSpent(ApprovedGuestState approved) {
        Optional<Approval> onRecord = recorded.map(GuestState::approval);
        Optional<Incarnation> last = lastFromApproved();
        Optional<Long> lastUse = Stream.concat(
                        onRecord.map(Approval::forEpoch).stream(), last.map(Incarnation::epoch).stream())
                .max(Comparator.naturalOrder());
        boolean comesAfterIt = lastUse.isPresent() && lastUse.equals(Optional.ofNullable(approved.afterEpoch()));
        return !comesAfterIt
                && Stream.concat(onRecord.map(Approval::version).stream(), last.flatMap(Incarnation::approved).stream())
                        .anyMatch(approved.version()::equals);
    }

    private Optional<Incarnation> lastFromApproved() {
        return facts.incarnations().stream()
                .filter(GuestStateRecord::startedFromApproved)
                .max(Comparator.comparingLong(Incarnation::epoch));
    }

    private static boolean startedFromApproved(Incarnation incarnation) {
        return incarnation.approved().isPresent() && incarnation.claim().isPresent();
    }

    /**
     * The libtpms that the VM's TPM ran with last: of the node that has the home, as it reported when the home went on
     * record. Empty if it did not report it, or if there is no TPM yet.
     */
    public Optional<String> libtpms() {
        return facts.home()
                .known()
                .flatMap(home -> isOnRecord(home)
                        ? recorded.map(GuestState::libtpms)
                        : facts.node(home.nodeName()).flatMap(node -> node.version(Versions::libtpms)));
    }

    private boolean isOnRecord(Home home) {
        return recorded.map(GuestState::home)
                .filter(known -> known.epoch().equals(home.epoch()))
                .isPresent();
    }

    /** The last approval that was used. */
    private Optional<Approval> approval(Instant now) {
        Optional<Approval> known = recorded.map(GuestState::approval);
        return lastFromApproved()
                .filter(incarnation ->
                        known.map(last -> last.forEpoch() < incarnation.epoch()).orElse(true))
                .map(incarnation -> approval(incarnation, now))
                .or(() -> known);
    }

    private Approval approval(Incarnation incarnation, Instant now) {
        GuestStateVersion version = incarnation.approved().get();
        Optional<Restore> restore = facts.restores()
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
        return approvalInSpec()
                .filter(inSpec -> inSpec.version().equals(version))
                .map(ApprovedGuestState::approvedBy)
                .orElse(null);
    }

    private Optional<GuestStateVersion> recordedFloor() {
        return recorded.map(GuestState::floor);
    }

    /**
     * The guest state to show in the status; empty while none is known.
     *
     * @param hasTpm whether the status names the VM's EK; before, its incarnation has not taken the home
     */
    public Optional<GuestState> shown(Instant now, boolean hasTpm) {
        Optional<SealedState> newest = facts.incarnations().stream()
                .flatMap(incarnation -> incarnation.sealed().stream())
                .max(Comparator.comparing(SealedState::version))
                .filter(reported -> recorded.map(GuestState::newest)
                        .map(known -> reported.version().compareTo(known) >= 0)
                        .orElse(true));
        Optional<Home> home = facts.home().known().filter(known -> hasTpm || !facts.isFirstStart());
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
                .home(home.orElse(null))
                .libtpms(home.flatMap(there -> libtpms()).orElse(null))
                .build();
        boolean unknown =
                shown.newest() == null && shown.floor() == null && shown.approval() == null && shown.home() == null;
        return unknown ? Optional.empty() : Optional.of(shown);
    }

    /**
     * Whether {@code after} is worth a write of its own. A claim waits until the guest runs, which is written in any
     * case.
     */
    public boolean isWorthAWrite(GuestState after) {
        GuestState before = recorded.orElseGet(
                () -> TrustedLaunchVMStatusGuestStateBuilder.builder().build());
        if (after == null || !Objects.equals(before.approval(), after.approval())) {
            return after != null;
        }
        boolean starting = facts.current().filter(Incarnation::hasNotRunYet).isPresent();
        return !starting
                && (!Objects.equals(before.floor(), after.floor())
                        || !Objects.equals(before.home(), after.home())
                        || isMuchNewer(before, after));
    }

    private static boolean isMuchNewer(GuestState before, GuestState after) {
        return sealTime(after)
                .flatMap(later -> sealTime(before).map(earlier -> Duration.between(earlier, later)))
                .filter(since -> since.compareTo(SHOWN_EVERY) >= 0)
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
}
