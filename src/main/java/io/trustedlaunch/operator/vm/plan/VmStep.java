package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.OsType;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.Departure;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.operator.kube.EventDraft;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.Allocated;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The one thing to do for a VM now. A step carries all that handling it needs, so that a new step is one new type. */
public sealed interface VmStep {
    Duration AT_ONCE = Duration.ofMillis(1);

    /** Fallback for lost events and unwatched objects. */
    Duration RESYNC = Duration.ofSeconds(30);

    /** When to look again if no event comes first. */
    default Optional<Duration> requeueAfter(VmFacts facts) {
        return Optional.of(AT_ONCE);
    }

    /** The status to write before the step is carried out; by default unchanged. */
    default TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
        return statuses.unchanged();
    }

    /** Whether the status is written even if only the guest state in it has changed. */
    default boolean needsGuestStateOnRecord() {
        return false;
    }

    /** Called before a changed status is written. */
    default void beforeStatus(VmFacts facts, VmActions actions) {}

    /** The point that is reached once a changed status is written. */
    default Failpoint statusWritten() {
        return Failpoint.OPERATOR_STATUS_WRITTEN;
    }

    /** The event that comes with a changed status. */
    default Optional<EventDraft> event() {
        return Optional.empty();
    }

    /**
     * Whether to read the VM from the API server before the step is carried out. What is made outside the VM's own object
     * is not undone by a conflict, and a cache may still show the VM as it was before its release, its last epoch or the
     * end of a migration.
     */
    default boolean needsCurrentVm() {
        return false;
    }

    default void carryOut(VmFacts facts, VmActions actions) {}

    /** Nothing is done but to show it. */
    sealed interface Idle extends VmStep {}

    /** The VM is in the state that its spec asks for. */
    record Settled(Reason reason, String message) implements Idle {
        @Override
        public Optional<Duration> requeueAfter(VmFacts facts) {
            return facts.moves().isEmpty() ? Optional.empty() : Optional.of(RESYNC);
        }

        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.settled(reason, message);
        }
    }

    /** Somebody must change something first. */
    record Refuse(Problem problem) implements Idle {
        Refuse(Reason reason, String message) {
            this(new Problem(reason, message));
        }

        @Override
        public Optional<Duration> requeueAfter(VmFacts facts) {
            return Optional.of(RESYNC);
        }

        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.blocked(problem);
        }
    }

    /** Something that is under way must end first. */
    record Wait(Problem problem, Duration delay) implements Idle {
        /** An event is expected to come first. */
        private static final Duration USUALLY = Duration.ofMinutes(1);

        Wait(Problem problem) {
            this(problem, USUALLY);
        }

        Wait(Reason reason, String message) {
            this(new Problem(reason, message));
        }

        @Override
        public Optional<Duration> requeueAfter(VmFacts facts) {
            return Optional.of(delay);
        }

        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.waiting(problem);
        }
    }

    /** The VM is going away, and nothing here holds it. */
    record Gone() implements VmStep {
        @Override
        public Optional<Duration> requeueAfter(VmFacts facts) {
            return Optional.empty();
        }
    }

    /** Nothing that the VM owns is made before its deletion can be noticed. */
    record AddFinalizer() implements VmStep {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.addFinalizer();
        }
    }

    record MakeKey() implements VmStep {
        @Override
        public boolean needsCurrentVm() {
            return true;
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.createKey();
            actions.reached(Failpoint.OPERATOR_KEY_MADE);
        }
    }

    /** Names the owner of the next life; carried out by the write of the status. */
    record ReserveEpoch(String node, long epoch, TrustedLaunchVMStatus.Image image) implements VmStep {
        @Override
        public void beforeStatus(VmFacts facts, VmActions actions) {
            actions.assumePlacement(
                    node,
                    epoch,
                    new Allocated(
                            facts.spec().cores(),
                            IncarnationBuilder.bytes(facts.spec().memory())));
        }

        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.reserved(node, epoch, image);
        }

        @Override
        public Failpoint statusWritten() {
            return Failpoint.OPERATOR_EPOCH_RESERVED;
        }
    }

    /** A node has a later life than the record: the record follows. Carried out by the write of the status. */
    record Adopt(String node, long epoch) implements VmStep {
        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.adopted(node, epoch);
        }

        @Override
        public Optional<EventDraft> event() {
            return Optional.of(EventDraft.warning(
                    Reason.Adopted,
                    "the record named an older life; epoch " + epoch + " on " + node
                            + " is adopted: was the API server's data restored?"));
        }
    }

    /**
     * Names the next life before it is made, and leaves the guest where it is; carried out by the write of the status.
     *
     * @param shown what the VM's status says with it
     */
    record ReserveMove(Migration migration, Optional<VmStep> shown) implements VmStep {
        @Override
        public void beforeStatus(VmFacts facts, VmActions actions) {
            actions.requireUnfinished(migration);
            actions.assumePlacement(
                    migration.targetNode(),
                    migration.epoch(),
                    facts.current().orElseThrow().load());
        }

        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.migration(migration, shown);
        }

        @Override
        public Failpoint statusWritten() {
            return Failpoint.OPERATOR_MOVE_RESERVED;
        }
    }

    /** The source's agent is to begin, or to break off if it still can. */
    record Depart(Incarnation source, Departure departure) implements VmStep {
        @Override
        public boolean needsCurrentVm() {
            return true;
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.change(source, Map.of("departure", departure));
            actions.reached(Failpoint.OPERATOR_DEPARTURE_HANDED);
        }
    }

    /**
     * The move is over: the record follows a guest that has left. Carried out by the write of the status.
     *
     * @param shown what the VM's status says with it
     */
    record EndMove(Migration migration, Optional<VmStep> shown) implements VmStep {
        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.migration(migration, shown);
        }

        @Override
        public Failpoint statusWritten() {
            return Failpoint.OPERATOR_MOVE_ENDED;
        }

        @Override
        public Optional<EventDraft> event() {
            return Optional.of(migration.outcome() == Outcome.Moved ? moved() : stayed());
        }

        private EventDraft moved() {
            return EventDraft.normal(
                    Reason.Migrated,
                    "left " + migration.sourceNode() + " and goes on on " + migration.targetNode() + " (epoch "
                            + migration.epoch() + ")");
        }

        private EventDraft stayed() {
            Reason reason = Reason.valueOf(migration.reason());
            String message = "stays on " + migration.sourceNode() + " and did not move to " + migration.targetNode()
                    + ": " + migration.message();
            return reason == Reason.MigrationCancelled
                    ? EventDraft.normal(reason, message)
                    : EventDraft.warning(reason, message);
        }
    }

    /** The target's agent may not have heard it from the source's. */
    record TellLeft(Incarnation target) implements VmStep {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.change(target, Map.of("arrival", Map.of("left", true)));
            actions.reached(Failpoint.OPERATOR_LEFT_TOLD);
        }
    }

    /** What a life that is over has told of its TPM and its guest state goes on record; carried out by the write of the status. */
    record Record() implements VmStep {
        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.recorded();
        }

        @Override
        public boolean needsGuestStateOnRecord() {
            return true;
        }
    }

    /** @param sealed with an envelope */
    record CreateIncarnation(VMIncarnation blueprint, boolean sealed) implements VmStep {
        @Override
        public boolean needsCurrentVm() {
            return true;
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            if (sealed) {
                actions.createSealed(blueprint);
            } else {
                actions.create(blueprint);
            }
            actions.reached(Failpoint.OPERATOR_INCARNATION_CREATED);
        }
    }

    /** The incarnation lacks its envelope, for one because the key was missing when it was made again. */
    record SealEnvelope(Incarnation incarnation) implements VmStep {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.sealEnvelope(incarnation);
        }
    }

    /** The guest runs since before a recovery certificate was configured. */
    record SealEscrow(Incarnation incarnation) implements VmStep {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.sealEscrow(incarnation);
        }
    }

    /** The guest state that a user approved, for a life that cannot start from another; empty takes it back. */
    record HandApproval(Incarnation incarnation, Optional<GuestStateVersion> approved) implements VmStep {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.change(incarnation, Collections.singletonMap("approvedGuestState", approved.orElse(null)));
        }
    }

    /** The life is over: its agent needs no key any more, and what is not there cannot leak. */
    record RemoveEnvelope(Incarnation incarnation) implements VmStep {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.change(incarnation, Collections.singletonMap("envelope", null));
            actions.reached(Failpoint.OPERATOR_ENVELOPE_REMOVED);
        }
    }

    /** The life is to end, and its state to be kept; its agent needs the envelope until the last of it is sealed. */
    record Retire(Incarnation incarnation, Reason reason) implements VmStep {
        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return incarnation.epoch() == facts.epoch()
                    ? statuses.blocked(VmPlanner.ending(facts, incarnation, reason))
                    : statuses.unchanged();
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.change(incarnation, Map.of("desiredState", DesiredState.Stopped.name()));
            actions.reached(Failpoint.OPERATOR_STOP_REQUESTED);
        }
    }

    /** The life is to end, and with it all that the VM has on the node. Nothing is sealed any more, so that the envelope goes at once. */
    record Erase(Incarnation incarnation) implements VmStep {
        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return facts.vm().isMarkedForDeletion()
                    ? statuses.unchanged()
                    : statuses.blocked(VmPlanner.clearing(incarnation));
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            Map<String, Object> spec = new HashMap<>();
            spec.put("desiredState", DesiredState.Erased.name());
            if (incarnation.hasEnvelope()) {
                spec.put("envelope", null);
            }
            actions.change(incarnation, spec);
            actions.reached(Failpoint.OPERATOR_ERASE_REQUESTED);
        }
    }

    /** A life that is over and has been followed by another. */
    record RemoveIncarnation(Incarnation incarnation) implements VmStep {
        /** The object leaves the cache with an event; before it comes it would be removed once more. */
        @Override
        public Optional<Duration> requeueAfter(VmFacts facts) {
            return Optional.of(RESYNC);
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.delete(List.of(incarnation));
            actions.reached(Failpoint.OPERATOR_OLD_INCARNATION_REMOVED);
        }
    }

    record DestroyKey() implements VmStep {
        /** As {@link RemoveIncarnation#requeueAfter}. */
        @Override
        public Optional<Duration> requeueAfter(VmFacts facts) {
            return Optional.of(RESYNC);
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.destroyKey();
            actions.reached(Failpoint.OPERATOR_KEY_DESTROYED);
        }
    }

    /**
     * @param remains incarnations that go with the VM
     * @param lost nodes that cannot be reached: what lies there stays there, until they are back
     */
    record Release(List<Incarnation> remains, List<String> lost) implements VmStep {
        @Override
        public Optional<Duration> requeueAfter(VmFacts facts) {
            return Optional.empty();
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            if (!lost.isEmpty()) {
                actions.event(EventDraft.warning(
                        Reason.NodeLost,
                        "disks and TPM state of the VM may still lie on " + String.join(", ", lost)
                                + "; the key that opens the TPM state is destroyed, and a VMIncarnation of "
                                + facts.uid() + " stays, for which the agent there removes the rest if the host"
                                + " is ever back"));
            }
            actions.delete(remains);
            actions.reached(Failpoint.OPERATOR_INCARNATION_REMOVED);
            actions.removeFinalizer();
            actions.reached(Failpoint.OPERATOR_VM_RELEASED);
        }
    }

    /**
     * The VM's record goes on its key's Secret, from where another VM can take it over.
     *
     * @param complete all of the guest state is at home
     */
    record Keep(boolean complete, Optional<OsType> osType) implements VmStep {
        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.recorded();
        }

        @Override
        public boolean needsGuestStateOnRecord() {
            return true;
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.retain(VmRetention.recordOf(actions.vm(), this));
            actions.reached(Failpoint.OPERATOR_VM_KEPT);
            actions.event(EventDraft.normal(
                    Reason.Retained,
                    "key, disks and guest state are kept in StorageLocation "
                            + facts.spec().storageLocationRef().name()
                            + "; a new VM of this namespace takes them over with"
                            + " spec.restoreFrom.retainedVM.uid: " + facts.uid()));
        }
    }

    /** The retained VM becomes this VM's, and nobody else's. */
    record Claim() implements VmStep {
        @Override
        public boolean needsCurrentVm() {
            return true;
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.claimRetained();
            actions.reached(Failpoint.OPERATOR_KEPT_VM_CLAIMED);
        }
    }

    /** The record of the retained VM becomes this VM's own; carried out by the write of the status. */
    record TakeOver(RetainedVMRecord record) implements VmStep {
        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.takenOver(record);
        }
    }

    /** This VM goes away before it took over what it claimed. */
    record GiveBack() implements VmStep {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.returnRetained();
        }
    }
}
