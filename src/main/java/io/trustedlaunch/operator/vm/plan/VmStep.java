package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.operator.quota.Use;
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
public interface VmStep {
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

    /** Whether it depends on the namespace or the user data. They are read before it, and it is planned again. */
    default boolean needsTenantInputs() {
        return false;
    }

    default void carryOut(VmFacts facts, VmActions actions) {}

    /**
     * Before the step is carried out, the VM is read from the API server and must be as it was planned for. A conflict on the VM does
     * not undo what is created outside its object, and a cache may still show the VM as it was before its release, its last epoch,
     * the end of a migration or a change of its approval.
     */
    interface OnCurrentVm extends VmStep {}

    /** A step towards a start: the same pass goes on with the next one. */
    interface Preparation extends VmStep {
        @Override
        default boolean needsTenantInputs() {
            return true;
        }
    }

    /** A step that only changes the status. */
    interface Idle extends VmStep {}

    /** The VM is in the state that its spec asks for. */
    record Settled(Reason reason, String message) implements Idle {
        @Override
        public Optional<Duration> requeueAfter(VmFacts facts) {
            return facts.migrations().isEmpty() && facts.vm().diskFill().isEmpty()
                    ? Optional.empty()
                    : Optional.of(RESYNC);
        }

        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.settled(reason, message);
        }
    }

    /** A user must change something first. */
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

    /** Something in progress must end first. */
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

    /** The VM is being deleted, and no longer has the finalizer. */
    record Gone() implements VmStep {
        @Override
        public Optional<Duration> requeueAfter(VmFacts facts) {
            return Optional.empty();
        }
    }

    /** This comes before anything is created for the VM, so that its deletion is noticed. */
    record AddFinalizer() implements Preparation {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.addFinalizer();
        }
    }

    record CreateKey() implements Preparation, OnCurrentVm {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.createKey();
            actions.reached(Failpoint.OPERATOR_KEY_MADE);
        }
    }

    /**
     * Puts the node of the next incarnation on record. Carried out by the write of the status.
     *
     * @param image empty if it is not known from which image the VM was made
     */
    record ReserveEpoch(String node, long epoch, Optional<RecordedImage> image) implements Preparation, Reservation {
        @Override
        public void beforeStatus(VmFacts facts, VmActions actions) {
            actions.confirmLeadership();
        }

        @Override
        public Allocated allocated(VmFacts facts) {
            return StartRequests.allocated(facts.vm().resource());
        }

        @Override
        public Use use(VmFacts facts) {
            return QuotaChecks.ofStart(facts).use();
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

    /** Puts a later incarnation on record that a node reports. Carried out by the write of the status. */
    record Adopt(String node, long epoch) implements VmStep {
        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return statuses.adopted(node, epoch);
        }

        @Override
        public Optional<EventDraft> event() {
            return Optional.of(EventDraft.warning(
                    Reason.Adopted,
                    "adopted epoch " + epoch + " on " + node
                            + ", which is later than the VM's record: check whether the"
                            + " API server's data was restored from a backup"));
        }
    }

    /** Puts the TPM and the guest state of an ended incarnation on record. Carried out by the write of the status. */
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

    /** @param sealed whether it gets an envelope */
    record CreateIncarnation(VMIncarnation incarnation, boolean sealed) implements OnCurrentVm {
        @Override
        public boolean needsTenantInputs() {
            return true;
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            if (sealed) {
                actions.createSealed(incarnation);
            } else {
                actions.create(incarnation);
            }
            actions.reached(Failpoint.OPERATOR_INCARNATION_CREATED);
        }
    }

    /** Adds the envelope: the key was missing when the incarnation was created, or its node has another key now. */
    record SealEnvelope(Incarnation incarnation) implements VmStep {
        @Override
        public boolean needsTenantInputs() {
            return true;
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.sealEnvelope(incarnation);
        }
    }

    /** Adds the escrow if the guest started before a recovery certificate was configured. */
    record SealEscrow(Incarnation incarnation) implements VmStep {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.sealEscrow(incarnation);
        }
    }

    /**
     * Passes the guest state that a user approved to an incarnation that cannot start otherwise; empty withdraws it.
     */
    record SetApproval(Incarnation incarnation, Optional<GuestStateVersion> approved) implements OnCurrentVm {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.change(incarnation, Collections.singletonMap("approvedGuestState", approved.orElse(null)));
        }
    }

    /** Its agent applies it at once, also to a guest that it has already asked to shut down. */
    record SetGracePeriod(Incarnation incarnation, int seconds) implements VmStep {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.change(incarnation, Map.of("terminationGracePeriodSeconds", seconds));
        }
    }

    /** Stops the incarnation and retains its state. Its agent needs the envelope until the last state is sealed. */
    record Retire(Incarnation incarnation, Reason reason) implements VmStep {
        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return incarnation.epoch() == facts.vm().epoch()
                    ? statuses.blocked(GuestShutdown.ending(facts, incarnation, reason))
                    : statuses.unchanged();
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.change(incarnation, change(facts));
            actions.reached(Failpoint.OPERATOR_STOP_REQUESTED);
        }

        Map<String, Object> change(VmFacts facts) {
            Map<String, Object> spec = new HashMap<>();
            spec.put("desiredState", DesiredState.Stopped.name());
            if (facts.guestState().wasGivenAway(incarnation)) {
                spec.put("terminationGracePeriodSeconds", GuestShutdown.graceSeconds(facts, incarnation));
            }
            return spec;
        }
    }

    /**
     * Stops the incarnation and removes the VM's files from its node. Nothing is sealed, so the envelope is removed at
     * once.
     */
    record Erase(Incarnation incarnation) implements OnCurrentVm {
        /** Empty: its agent has the request already. */
        static Optional<VmStep> due(VmFacts facts, Incarnation incarnation) {
            boolean isTold = incarnation.desired() == DesiredState.Erased
                    && incarnation.afterFences().equals(fences(facts, incarnation));
            return isTold ? Optional.empty() : Optional.of(new Erase(incarnation));
        }

        /** Until every other incarnation has ended by itself, or is given up with its node, it may need its folder. */
        private static List<String> fences(VmFacts facts, Incarnation incarnation) {
            return facts.incarnations().all().stream()
                            .filter(other -> other.epoch() != incarnation.epoch()
                                    && !other.isOver()
                                    && !other.leavesFolderToLater())
                            .anyMatch(other -> facts.nodes().isFenced(other.node())
                                    || facts.nodes().deletionAwaits(other.node()))
                    ? incarnation.afterFences()
                    : List.of();
        }

        @Override
        public TrustedLaunchVMStatus status(VmFacts facts, VmStatusFactory statuses) {
            return facts.vm().isBeingDeleted()
                    ? statuses.unchanged()
                    : statuses.blocked(VmPlanner.clearing(facts, incarnation));
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            Map<String, Object> spec = new HashMap<>();
            spec.put("desiredState", DesiredState.Erased.name());
            spec.put("afterFences", fences(facts, incarnation));
            if (incarnation.hasEnvelope()) {
                spec.put("envelope", null);
            }
            actions.change(incarnation, spec);
            actions.reached(Failpoint.OPERATOR_ERASE_REQUESTED);
        }
    }
}
