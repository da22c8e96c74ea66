package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The steps that remove what a VM no longer needs, or leaves behind. */
public interface RemovalStep extends VmStep {
    /** The incarnation is over, so its agent no longer needs the key. */
    record RemoveEnvelope(Incarnation incarnation) implements RemovalStep {
        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            actions.change(incarnation, Collections.singletonMap("envelope", null));
            actions.reached(Failpoint.OPERATOR_ENVELOPE_REMOVED);
        }
    }

    /**
     * Deletes an incarnation that is over and was followed by another. What it has reported goes with it, so that must be on record
     * now: the record may be lost since.
     */
    record RemoveIncarnation(Incarnation incarnation) implements RemovalStep, OnCurrentVm {
        /** An event follows when the object leaves the cache; until then it would be deleted again. */
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

    record DestroyKey() implements RemovalStep {
        /** The same interval as {@link RemoveIncarnation#requeueAfter}. */
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
     * Lets the VM go.
     *
     * @param remains the incarnations to delete with it
     * @param lost the nodes that cannot be reached, on which files of the VM may remain
     */
    record Release(List<Incarnation> remains, List<String> lost) implements RemovalStep {
        @Override
        public Optional<Duration> requeueAfter(VmFacts facts) {
            return Optional.empty();
        }

        @Override
        public void carryOut(VmFacts facts, VmActions actions) {
            if (!lost.isEmpty()) {
                actions.event(EventDraft.warning(
                        Reason.NodeLost,
                        "disks and TPM state of the VM may remain on " + String.join(", ", lost)
                                + ", which cannot be reached; the key of the TPM state is destroyed, and a"
                                + " VMIncarnation of " + facts.vm().uid() + " stays, so that the agent removes the rest"
                                + " when the host is back"));
            }
            actions.delete(remains);
            actions.reached(Failpoint.OPERATOR_INCARNATION_REMOVED);
            actions.removeFinalizer();
            actions.reached(Failpoint.OPERATOR_VM_RELEASED);
        }
    }
}
