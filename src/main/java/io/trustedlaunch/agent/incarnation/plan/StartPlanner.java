package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.EraseWorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Prepare;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.PrepareArrival;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.Refuse;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.RefuseLaterState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SealLastState;
import io.trustedlaunch.agent.incarnation.plan.IncarnationStep.SetWorkingCopyAside;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a life that has no domain yet is started from. Always home: what a guest left in the working copy goes there
 * first, under its own epoch; it is never started from.
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

    /** The same that stands in the way of a start; and a guest comes only to where its home is. */
    static IncarnationStep planArrival(IncarnationFacts facts, VmRecord record) {
        return switch (facts.home()) {
            case HomeListing.Unseen(Reason reason, String message) -> new Refuse(reason, message);
            case HomeListing.Seen seen -> new StartPlanner(facts, record).planArrival();
        };
    }

    private IncarnationStep planArrival() {
        return claimOfOthers().or(this::leftover).or(this::homeOfAnother).orElseGet(PrepareArrival::new);
    }

    /**
     * Each life's claim is durable at home before its guest runs: where it is not to be seen, this is another folder. One
     * that is to be copied is looked for when it is made.
     */
    private Optional<IncarnationStep> homeOfAnother() {
        var arrival = facts.spec().arrival();
        return arrival.copiesDisks() || facts.home().isClaimedBy(arrival.epoch())
                ? Optional.empty()
                : Optional.of(new Refuse(
                        Reason.GuestStateMissing,
                        "the VM's home " + facts.homeFolder().path() + " has no guest state of epoch " + arrival.epoch()
                                + ", which runs on node " + arrival.nodeName()
                                + ": the two nodes do not have the same folder there"));
    }

    private IncarnationStep plan() {
        return claimOfOthers().or(this::leftover).orElseGet(this::source);
    }

    /** A claim of this very epoch that this node knows nothing of: the life may have run, here before or elsewhere. */
    private Optional<IncarnationStep> claimOfOthers() {
        Optional<GuestStateVersion> newest = facts.home().newest();
        if (newest.filter(version -> version.epoch() > facts.epoch()).isPresent()) {
            return newest.map(RefuseLaterState::new);
        }
        boolean known = record.state().copyEpoch() == facts.epoch() || sealedHere(facts.epoch());
        if (!known && facts.home().isClaimedBy(facts.epoch())) {
            return Optional.of(new Refuse(
                    Reason.MemoryLost,
                    "the VM's home was claimed for epoch " + facts.epoch() + ", and this node has no record of that, so"
                            + " that this life may have run already. Stop the VM (runStrategy: Halted), then start it"
                            + " again"));
        }
        return Optional.empty();
    }

    /** What an earlier life left on this host, or should have. */
    private Optional<IncarnationStep> leftover() {
        long owner = record.state().copyEpoch();
        boolean there = facts.workingCopy() != WorkingCopyState.NONE;
        if (owner == 0 && there) {
            return Optional.of(ofUnknownAge());
        }
        boolean ranWithIt = there && record.resumedEpoch() == owner;
        if (ranWithIt && record.lacksLastState() && facts.workingCopy() == WorkingCopyState.WHOLE) {
            return Optional.of(new SealLastState(owner));
        }
        if (facts.lacksLastState(record)) {
            return lost(record.resumedEpoch(), ranWithIt);
        }
        if (!ranWithIt) {
            return Optional.empty();
        }
        return Optional.of(record.lacksLastState() ? new SetWorkingCopyAside() : new EraseWorkingCopy());
    }

    private IncarnationStep ofUnknownAge() {
        return isApproved()
                ? new SetWorkingCopyAside()
                : new Refuse(
                        Reason.MemoryLost,
                        "a working copy of the VM is on this node, whose record of it was lost: whether it is newer than"
                                + " the VM's home is not known. " + nextStep());
    }

    private Optional<IncarnationStep> lost(long epoch, boolean there) {
        if (isApproved()) {
            return there ? Optional.of(new SetWorkingCopyAside()) : Optional.empty();
        }
        Reason reason = switch (facts.workingCopy()) {
            case NONE, FILE_MISSING, WHOLE -> Reason.TpmStateMissing;
            case DAMAGED -> Reason.TpmStateDamaged;
            case VARIABLES_DAMAGED -> Reason.UefiVariablesDamaged;
            case VARIABLES_ALTERED -> Reason.UefiVariablesAltered;
            case OTHERS -> Reason.EkMismatch;
            case TURNED_BACK -> Reason.WorkingCopyTurnedBack;
        };
        String found = switch (facts.workingCopy()) {
            case NONE, FILE_MISSING, WHOLE -> "missing";
            case DAMAGED -> "damaged";
            case VARIABLES_DAMAGED -> "without whole UEFI variables";
            case VARIABLES_ALTERED -> "with UEFI variables that do not go on from those that were sealed last";
            case OTHERS -> "another TPM's";
            case TURNED_BACK -> "older than what was sealed of it";
        };
        return Optional.of(new Refuse(
                reason,
                "what the guest left of epoch " + epoch + " in the working copy on this node is " + found
                        + ", and may have been newer than the VM's home. " + nextStep()));
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
            return turnedBack(newest, floor + " is on record");
        }
        GuestStateVersion sealed = record.state().newest();
        if (sealed != null && newest.compareTo(sealed) < 0) {
            return turnedBack(newest, sealed + " was sealed by this node");
        }
        return prepareFrom(newest);
    }

    private IncarnationStep turnedBack(GuestStateVersion newest, String later) {
        return new Refuse(
                Reason.GuestStateRolledBack,
                "the newest guest state in the VM's home is " + newest + ", and " + later + ". " + nextStep());
    }

    private IncarnationStep refuseApproved(GuestStateVersion approved) {
        return new Refuse(
                Reason.GuestStateNotApproved,
                "the approved guest state " + approved + " is not in the VM's home. " + nextStep());
    }

    private IncarnationStep withoutHome() {
        if (facts.spec().guestStateFloor() != null || record.state().newest() != null) {
            return new Refuse(
                    Reason.GuestStateMissing,
                    "the VM's home " + facts.homeFolder().path()
                            + " holds no guest state: bring its guest-state files back;" + " none is made anew");
        }
        return switch (facts.workingCopy()) {
            case WHOLE -> new Prepare(new StartSource.TpmMadeHere());
            case NONE ->
                facts.spec().firstStart() && !record.tpmMade()
                        ? new Prepare(new StartSource.NewTpm())
                        : new Refuse(
                                Reason.TpmStateMissing,
                                "the VM's TPM is neither on this node nor in its home, and no new one is made");
            case FILE_MISSING ->
                new Refuse(Reason.TpmStateMissing, "the state file of the VM's TPM is gone, and no new TPM is made");
            case DAMAGED ->
                new Refuse(Reason.TpmStateDamaged, "the state of the VM's TPM is empty, and no new TPM is made");
            case VARIABLES_DAMAGED ->
                new Refuse(
                        Reason.UefiVariablesDamaged,
                        "the UEFI variables that belong to the VM's TPM are missing or empty, and none are made anew");
            case VARIABLES_ALTERED ->
                new Refuse(
                        Reason.UefiVariablesAltered,
                        "the UEFI variables do not go on from those that were sealed last");
            case OTHERS -> new Refuse(Reason.EkMismatch, "the TPM's state is another TPM's than the VM's");
            case TURNED_BACK ->
                new Refuse(Reason.WorkingCopyTurnedBack, "the TPM's state is older than what was sealed of it");
        };
    }

    private static IncarnationStep prepareFrom(GuestStateVersion version) {
        return new Prepare(new StartSource.FromHome(version));
    }

    private boolean isApproved() {
        return facts.spec().approvedGuestState() != null
                && home.contains(facts.spec().approvedGuestState());
    }

    private boolean sealedHere(long epoch) {
        return record.state().newest() != null && record.state().newest().epoch() == epoch;
    }

    private String nextStep() {
        return home.isEmpty()
                ? "Its home holds no guest state: bring its files back"
                : "Bring the missing state back, or approve an older one with spec.approveGuestState; the home has "
                        + home.stream().map(GuestStateVersion::toString).collect(Collectors.joining(", "));
    }
}
