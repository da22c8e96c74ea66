package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.EraseWorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Prepare;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.PrepareArrival;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Refuse;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RefuseLaterState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RefuseUnknownClaim;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SealLastState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SetWorkingCopyAside;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Plans from which guest state an incarnation without a domain starts. It always starts from home: a state that a guest
 * left in the working copy is sealed first, under its own epoch, and is never started from.
 */
final class StartPlanner {
    private final IncarnationFacts facts;
    private final VmRecord record;
    private final List<GuestStateVersion> home;

    private StartPlanner(IncarnationFacts facts, VmRecord record) {
        this.facts = facts;
        this.record = record;
        this.home = facts.home().versions();
    }

    static IncarnationStep plan(IncarnationFacts facts, VmRecord record) {
        return switch (facts.home()) {
            case HomeListing.Unseen(Reason reason, String message) -> new Refuse(reason, message);
            case HomeListing.Seen seen -> new StartPlanner(facts, record).plan();
        };
    }

    /** An arrival has the obstacles of a start, and needs the home of the guest. */
    static IncarnationStep planArrival(IncarnationFacts facts, VmRecord record) {
        return switch (facts.home()) {
            case HomeListing.Unseen(Reason reason, String message) -> new Refuse(reason, message);
            case HomeListing.Seen seen -> new StartPlanner(facts, record).planArrival();
        };
    }

    private IncarnationStep planArrival() {
        return unknownClaim().or(this::leftover).or(this::foreignHome).orElseGet(PrepareArrival::new);
    }

    /**
     * The claim of a running incarnation is durable in its home: a home without it is another folder. A folder that is to
     * be copied is checked when it is made.
     */
    private Optional<IncarnationStep> foreignHome() {
        var arrival = facts.spec().arrival();
        return arrival.copiesDisks() || facts.home().isClaimedBy(arrival.epoch())
                ? Optional.empty()
                : Optional.of(new Refuse(
                        Reason.GuestStateMissing,
                        "the VM's home " + facts.homeFolder().path() + " has no guest state of epoch " + arrival.epoch()
                                + ", which runs on node " + arrival.nodeName()
                                + ": the two nodes do not share this folder. Mount the same file system on both"));
    }

    private IncarnationStep plan() {
        return unfinishedCopy().or(this::unknownClaim).or(this::leftover).orElseGet(this::source);
    }

    /** Its home and its disks may be older than those at the source of the migration, or were never whole. */
    private Optional<IncarnationStep> unfinishedCopy() {
        return facts.diskTransferMark()
                .map(mark -> new Refuse(
                        Reason.DisksIncomplete,
                        "the disks in " + facts.homeFolder().path() + " are an unfinished copy that the migration to "
                                + mark.nodeName() + " (epoch " + mark.epoch() + ") left; the VM does not start from"
                                + " them. Its own disks are on the node that it was to leave: start it there. If that"
                                + " node is gone for good, restore the VM's folder from a backup"));
    }

    /** A claim of this epoch that this node has no record of: the incarnation may have run, here or elsewhere. */
    private Optional<IncarnationStep> unknownClaim() {
        Optional<GuestStateVersion> newest = facts.home().newest();
        if (newest.filter(version -> version.epoch() > facts.epoch()).isPresent()) {
            return newest.map(RefuseLaterState::new);
        }
        return newest.filter(version ->
                        version.epoch() == facts.epoch() && !facts.own().ownsCopy())
                .map(RefuseUnknownClaim::new);
    }

    /** The working copy that an earlier incarnation left on this host, or should have left. */
    private Optional<IncarnationStep> leftover() {
        boolean there = facts.workingCopy() != WorkingCopyState.NONE;
        if (there && record.copyOwner().isEmpty()) {
            return Optional.of(unknownAge());
        }
        Optional<Long> unsealed = record.unsealedCopy();
        if (unsealed.isPresent() && facts.workingCopy() == WorkingCopyState.WHOLE) {
            return unsealed.map(SealLastState::new);
        }
        Optional<Long> lost = facts.lost(record);
        if (lost.isPresent()) {
            return lost(lost.get(), there && unsealed.isPresent());
        }
        if (!there || !record.copyOwner().equals(record.lastRun())) {
            return Optional.empty();
        }
        return Optional.of(unsealed.isPresent() ? new SetWorkingCopyAside() : new EraseWorkingCopy());
    }

    private IncarnationStep unknownAge() {
        return isApproved()
                ? new SetWorkingCopyAside()
                : new Refuse(
                        Reason.MemoryLost,
                        "this node has a working copy of the VM but lost its record, so that it cannot tell whether the"
                                + " copy is newer than the VM's home. " + nextStep());
    }

    private Optional<IncarnationStep> lost(long epoch, boolean copyExists) {
        if (isApproved()) {
            return copyExists ? Optional.of(new SetWorkingCopyAside()) : Optional.empty();
        }
        return Optional.of(new Refuse(
                facts.workingCopy().reason(),
                "the guest's last state of epoch " + epoch + ", in the working copy on this node, is "
                        + facts.workingCopy().found() + "; it may have been newer than the VM's home. " + nextStep()));
    }

    private IncarnationStep source() {
        Optional<GuestStateVersion> own = home.stream()
                .filter(version -> version.epoch() == facts.epoch())
                .findFirst();
        if (own.isPresent()) {
            return prepareFrom(own.get());
        }
        GuestStateVersion approved = facts.spec().approvedGuestState();
        if (approved != null) {
            return home.contains(approved) ? prepareFrom(approved) : refuseApproved(approved);
        }
        return home.isEmpty() ? withoutHome() : newest(home.getFirst());
    }

    private IncarnationStep newest(GuestStateVersion newest) {
        GuestStateVersion floor = facts.spec().guestStateFloor();
        if (floor != null && newest.compareTo(floor) < 0) {
            return rolledBack(newest, floor + " is on record");
        }
        Optional<GuestStateVersion> sealed = record.newest();
        if (sealed.isPresent() && newest.compareTo(sealed.get()) < 0) {
            return rolledBack(newest, sealed.get() + " was sealed by this node");
        }
        return prepareFrom(newest);
    }

    private IncarnationStep rolledBack(GuestStateVersion newest, String later) {
        return new Refuse(
                Reason.GuestStateRolledBack,
                "the newest guest state in the VM's home is " + newest + ", but " + later + ". " + nextStep());
    }

    private IncarnationStep refuseApproved(GuestStateVersion approved) {
        return new Refuse(
                Reason.GuestStateNotApproved,
                "the approved guest state " + approved + " is not in the VM's home. " + nextStep());
    }

    private IncarnationStep withoutHome() {
        if (facts.spec().guestStateFloor() != null || record.newest().isPresent()) {
            return new Refuse(
                    Reason.GuestStateMissing,
                    "the VM's home " + facts.homeFolder().path()
                            + " holds no guest state, and no new one is made: restore its guest-state files");
        }
        return switch (facts.workingCopy()) {
            case WHOLE -> new Prepare(new StartSource.TpmMadeHere());
            case NONE ->
                facts.spec().firstStart() && record.ekDigest().isEmpty() && !facts.reportedTpm()
                        ? new Prepare(new StartSource.NewTpm())
                        : new Refuse(
                                Reason.TpmStateMissing,
                                "the VM's TPM is neither on this node nor in its home, and no new one is made: restore its"
                                        + " guest-state files; if the VM never ran, delete it and create it again");
            case FILE_MISSING, DAMAGED, VARIABLES_DAMAGED, VARIABLES_ALTERED, OTHER_TPM, ROLLED_BACK ->
                new Refuse(
                        facts.workingCopy().reason(),
                        "the VM's guest state was never sealed, and in the working copy on this node it is "
                                + facts.workingCopy().found() + "; no new one is made: restore it");
        };
    }

    private static IncarnationStep prepareFrom(GuestStateVersion version) {
        return new Prepare(new StartSource.FromHome(version));
    }

    private boolean isApproved() {
        return facts.spec().approvedGuestState() != null
                && home.contains(facts.spec().approvedGuestState());
    }

    private String nextStep() {
        return home.isEmpty()
                ? "Its home holds no guest state: restore its files"
                : "Restore the missing state, or approve an older one with spec.approveGuestState; the home has "
                        + home.stream().map(GuestStateVersion::toString).collect(Collectors.joining(", "))
                        + ofEarlierEpoch();
    }

    private String ofEarlierEpoch() {
        return Optional.ofNullable(facts.spec().guestStateFloor())
                .map(GuestStateVersion::epoch)
                .filter(last -> home.stream().anyMatch(version -> version.epoch() < last))
                .map(last -> " (one of an earlier epoch than " + last + " with afterEpoch: " + last + ")")
                .orElse("");
    }
}
