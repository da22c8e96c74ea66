package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.OsType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.Departure;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The one thing that is to be done for a VM now. */
public sealed interface VmStep {
    /** The VM is in the state that its spec asks for. */
    record Settled(Reason reason, String message) implements VmStep {}

    /** Somebody must change something first. */
    record Refuse(Problem obstacle) implements VmStep {}

    /** Something that is under way must end first. */
    record Wait(Problem obstacle, Duration lookAgain) implements VmStep {
        Wait(Problem obstacle) {
            this(obstacle, USUALLY);
        }

        /** An event is expected to come first. */
        private static final Duration USUALLY = Duration.ofMinutes(1);
    }

    /** Nothing that the VM owns is made before its deletion can be noticed. */
    record AddFinalizer() implements VmStep {}

    record MakeKey() implements VmStep {}

    /** Names the owner of the next life; carried out by the write of the status. */
    record ReserveEpoch(String node, long epoch, TrustedLaunchVMStatus.Image image) implements VmStep {}

    /** A node has a later life than the record: the record follows. Carried out by the write of the status. */
    record Adopt(String node, long epoch) implements VmStep {}

    /**
     * Names the next life before it is made, and leaves the guest where it is; carried out by the write of the status.
     *
     * @param shown what the VM's status says with it
     */
    record ReserveMove(TrustedLaunchVMStatus.Migration migration, Optional<VmStep> shown) implements VmStep {}

    /** The source's agent is to begin, or to break off if it still can. */
    record Depart(Incarnation source, Departure departure) implements VmStep {}

    /**
     * The move is over: the record follows a guest that has left. Carried out by the write of the status.
     *
     * @param shown what the VM's status says with it
     */
    record EndMove(TrustedLaunchVMStatus.Migration migration, Optional<VmStep> shown) implements VmStep {}

    /** The target's agent may not have heard it from the source's. */
    record TellLeft(Incarnation target) implements VmStep {}

    /** What a life that is over has told of its TPM and its guest state goes on record; carried out by the write of the status. */
    record Record() implements VmStep {}

    /** @param sealed with an envelope */
    record CreateIncarnation(VMIncarnation blueprint, boolean sealed) implements VmStep {}

    /** The incarnation lacks its envelope, for one because the key was missing when it was made again. */
    record SealEnvelope(Incarnation incarnation) implements VmStep {}

    /** The guest runs since before a recovery certificate was configured. */
    record SealEscrow(Incarnation incarnation) implements VmStep {}

    /** The guest state that a user approved, for a life that cannot start from another; empty takes it back. */
    record HandApproval(Incarnation incarnation, Optional<GuestStateVersion> approved) implements VmStep {}

    /** The life is over: its agent needs no key any more, and what is not there cannot leak. */
    record RemoveEnvelope(Incarnation incarnation) implements VmStep {}

    /** The life is to end, and its state to be kept; its agent needs the envelope until the last of it is sealed. */
    record Retire(Incarnation incarnation, Reason reason) implements VmStep {}

    /** The life is to end, and with it all that the VM has on the node. */
    record Erase(Incarnation incarnation) implements VmStep {}

    /** A life that is over and has been followed by another. */
    record RemoveIncarnation(Incarnation incarnation) implements VmStep {}

    record DestroyKey() implements VmStep {}

    /**
     * @param remains incarnations that go with the VM
     * @param lost nodes that cannot be reached: what lies there stays there, until they are back
     */
    record Release(List<Incarnation> remains, List<String> lost) implements VmStep {}

    /**
     * The VM's record goes on its key's Secret, from where another VM can take it over.
     *
     * @param complete all of the guest state is at home
     */
    record Keep(boolean complete, Optional<OsType> osType) implements VmStep {}

    /** The retained VM becomes this VM's, and nobody else's. */
    record Claim() implements VmStep {}

    /** The record of the retained VM becomes this VM's own; carried out by the write of the status. */
    record TakeOver(RetainedVMRecord record) implements VmStep {}

    /** This VM goes away before it took over what it claimed. */
    record GiveBack() implements VmStep {}

    /** The VM is going away, and nothing here holds it. */
    record Gone() implements VmStep {}
}
