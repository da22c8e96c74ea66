package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.node.ClusterNodeStatus.Versions;
import io.trustedlaunch.api.vm.ApprovedGuestState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Approval;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A VM's guest state: what the VM's status records, and what the agents of its incarnations have reported since. An
 * incarnation's status is as durable as the VM's, so it counts before it is copied there.
 */
public record GuestStateRecord(VmIncarnations incarnations, VmNodes nodes) {
    /** The version of the last claim or the last complete end: no start is from an older one (I2). */
    public Optional<GuestStateVersion> floor() {
        // The claim of an incarnation whose guest never ran goes with its TPM, before another is made.
        return incarnations.isFirstStart() ? Optional.empty() : lastFloor();
    }

    private Optional<GuestStateVersion> lastFloor() {
        return Stream.concat(
                        recordedFloor().stream(),
                        incarnations.all().stream().flatMap(incarnation -> incarnation.floor().stream()))
                .max(Comparator.naturalOrder());
    }

    /** The incarnation has reported something that must be on record before it is deleted. */
    public boolean lacks(Incarnation incarnation) {
        Optional<GuestStateVersion> known = recordedFloor();
        boolean lacksFloor = incarnation
                .floor()
                .filter(reported ->
                        known.map(floor -> reported.compareTo(floor) > 0).orElse(true))
                .filter(reported -> !incarnations.isFirstStart())
                .isPresent();
        Optional<GuestStateVersion> watched = lastWatched();
        boolean lacksWatched = watched.isPresent()
                && watched.equals(incarnation.lastWatched())
                && !watched.equals(recorded().map(GuestState::lastWatched));
        boolean lacksHome = home().known()
                .filter(home -> home.epoch() == incarnation.epoch() && !incarnations.isFirstStart())
                .filter(home -> !incarnations.recordedHome().equals(Optional.of(home)))
                .isPresent();
        return lacksFloor || lacksWatched || lacksHome;
    }

    /** The last version before the guest state changed while no agent watched. */
    public Optional<GuestStateVersion> lastWatched() {
        return Stream.concat(
                        recorded().map(GuestState::lastWatched).stream(),
                        incarnations.all().stream().flatMap(incarnation -> incarnation.lastWatched().stream()))
                .max(Comparator.naturalOrder())
                .filter(last -> !isSettled(last));
    }

    /**
     * A later incarnation ended cleanly, so the user did not object; or it started from a state that the user
     * approved.
     */
    private boolean isSettled(GuestStateVersion last) {
        return incarnations.all().stream()
                .filter(incarnation -> incarnation.epoch() > last.epoch())
                .anyMatch(incarnation -> incarnation.endedCleanly() || startedFromApproved(incarnation));
    }

    /**
     * The version that the current incarnation may start from although it is not the newest. An approval is for one
     * incarnation: it is used up once an incarnation with it has claimed the home.
     */
    public Optional<GuestStateVersion> approved() {
        boolean claimed = floor().filter(floor -> floor.epoch() >= vm().epoch()).isPresent();
        return approvedNext().filter(version -> !claimed);
    }

    /** The version that an incarnation may start from that has not claimed the home yet: the current one, or the next. */
    public Optional<GuestStateVersion> approvedNext() {
        return restored()
                .map(Restore::guestState)
                .or(() -> vm().approvedGuestState().filter(this::counts).map(ApprovedGuestState::version));
    }

    /** The VM's files are those of a backup, and no incarnation has begun from them: the next one does. */
    public Optional<Restore> restored() {
        return vm().restores().completed().filter(this::isUnused);
    }

    /** The same, or they may be, since it is not on record how it ended. */
    public Optional<Restore> perhapsRestored() {
        return vm().restores()
                .open()
                .filter(restore -> !restore.leavesGuestState())
                .or(() -> vm().restores().completed())
                .filter(this::isUnused);
    }

    private boolean isUnused(Restore restore) {
        return floor().filter(floor -> floor.epoch() > restore.afterEpoch()).isEmpty();
    }

    /** Like a restore's, until a later epoch has claimed the home. An epoch that is still to come would make it count at each start. */
    private boolean counts(ApprovedGuestState approved) {
        return floor().map(GuestStateVersion::epoch)
                .map(last -> last <= approved.lastEpoch() && approved.lastEpoch() <= Math.max(last, approved.epoch()))
                .orElse(true);
    }

    /** An approval that no start has used, or will: another epoch began first. */
    public Optional<ApprovedGuestState> lapsed() {
        return vm().approvedGuestState().filter(approved -> !counts(approved)).filter(approved -> !wasUsed(approved));
    }

    /** An approval that the next start uses. */
    public Optional<ApprovedGuestState> pendingApproval() {
        return vm().approvedGuestState()
                .filter(this::counts)
                .filter(approved -> restored().isEmpty());
    }

    /** How a user lets the VM go back to a state of that epoch. */
    public String approving(long epoch) {
        return "approve a guest state of epoch " + epoch + " with spec.approveGuestState"
                + floor().map(GuestStateVersion::epoch)
                        .filter(last -> last > epoch)
                        .map(last -> " (afterEpoch: " + last + ")")
                        .orElse("");
    }

    private boolean wasUsed(ApprovedGuestState approved) {
        return Stream.concat(
                        recorded().map(GuestState::approval).map(Approval::version).stream(),
                        lastFromApproved().flatMap(Incarnation::approved).stream())
                .anyMatch(approved.version()::equals);
    }

    /** The last one that has used up an approval. */
    public Optional<Incarnation> lastFromApproved() {
        return incarnations.all().stream()
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
        return home().known()
                .flatMap(home -> isOnRecord(home)
                        ? recorded().map(GuestState::libtpms)
                        : nodes.find(home.nodeName()).flatMap(node -> node.version(Versions::libtpms)));
    }

    private boolean isOnRecord(Home home) {
        return recorded()
                .map(GuestState::home)
                .filter(known -> known.epoch().equals(home.epoch()))
                .isPresent();
    }

    /**
     * Where a backup was restored to, until an incarnation begins from it. If neither the record nor an incarnation says so:
     * where a node reports the last one, perhaps with newer state.
     */
    public HomeFacts home() {
        return restored()
                .map(restore -> new HomeFacts(Optional.of(home(restore)), Optional.empty()))
                .orElseGet(this::homeOfIncarnations);
    }

    private Home home(Restore restore) {
        return incarnations.claims().home(restore.storageLocation(), restore.nodeName(), restore.afterEpoch(), true);
    }

    private HomeFacts homeOfIncarnations() {
        HomeFacts home = HomeFacts.of(incarnations.recordedHome(), incarnations.all());
        return home.known().isPresent() || incarnations.isFirstStart() ? home : home.or(reportedHome());
    }

    private Optional<Home> reportedHome() {
        return nodes.inventory()
                .latest()
                .map(last -> incarnations.claims().home(vm().location(), last.node(), last.epoch(), false));
    }

    /** The home, or the folder of the node on which a guest left an approved state when it migrated. */
    public HomeFacts homeToStartFrom() {
        return approvedNext()
                .filter(approved -> restored().isEmpty())
                .flatMap(approved -> incarnations.of(approved.epoch()))
                .filter(Incarnation::keepsWhatItLeft)
                .map(left -> new HomeFacts(Optional.of(left.home()), Optional.empty()))
                .orElseGet(this::home);
    }

    /** The home is known to have the state of a later epoch. */
    private boolean isHomeLaterThan(Incarnation incarnation) {
        return home().known().filter(home -> home.epoch() > incarnation.epoch()).isPresent();
    }

    /**
     * Another node has the VM since, without a word of that incarnation's agent: a later one began because of a fence, or has let
     * the VM's guest run.
     */
    public boolean wasGivenAway(Incarnation incarnation) {
        boolean isFollowed = isHomeLaterThan(incarnation)
                || incarnations.all().stream()
                        .anyMatch(later -> later.epoch() > incarnation.epoch()
                                && !later.afterFences().isEmpty());
        return incarnation.epoch() < vm().epoch() && !incarnation.isOver() && isFollowed;
    }

    /** The guest's files on its node may have the newest state: no later incarnation has taken it from there. */
    public boolean mayHaveNewest(Incarnation incarnation) {
        return incarnation.keepsWhatItLeft() && !isHomeLaterThan(incarnation);
    }

    /** Its guest has left, and the VM's files are on its node, or may be: no later incarnation has taken them there. */
    public boolean keepsFiles(Incarnation incarnation) {
        boolean isHome = incarnation.hasLeft()
                && home().known()
                        .filter(home -> home.epoch() == incarnation.epoch())
                        .isPresent();
        boolean isContinued = incarnations.all().stream()
                .filter(later -> later.epoch() > incarnation.epoch() && later.hasTakenHome())
                .anyMatch(later -> later.node().equals(incarnation.node()));
        return !isContinued && (isHome || incarnation.keepsWhatItLeft());
    }

    private VmObject vm() {
        return incarnations.vm();
    }

    private Optional<GuestState> recorded() {
        return vm().guestState();
    }

    private Optional<GuestStateVersion> recordedFloor() {
        return recorded().map(GuestState::floor);
    }
}
