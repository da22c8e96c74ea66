package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import java.util.Optional;

/**
 * What the VM's own status says of an incarnation that this node does not remember, or remembers differently: the node's
 * disk may have been set back, and the report of an incarnation goes with its object.
 */
final class RecordedRuns {
    private final Ownership.Reader reader;

    RecordedRuns(Ownership.Reader reader) {
        this.reader = reader;
    }

    /** It has claimed the home, or its TPM is on record. */
    boolean hasBegun(IncarnationFacts facts) {
        return read(facts)
                .filter(vm -> (facts.spec().firstStart() && vm.ekDigest().isPresent())
                        || vm.floor()
                                .filter(floor -> floor.epoch() >= facts.epoch())
                                .isPresent())
                .isPresent();
    }

    /** The last state of the last incarnation, if all of it is at home: as it reported, or as the VM's status says. */
    Optional<GuestStateVersion> lastState(IncarnationFacts facts) {
        return facts.reported()
                .map(VMIncarnationStatus::guestState)
                .filter(SealedState::complete)
                .map(SealedState::version)
                .or(() -> read(facts).flatMap(Ownership.Found::lastState));
    }

    private Optional<Ownership.Found> read(IncarnationFacts facts) {
        return switch (reader.read(facts.spec().vmRef())) {
            case Ownership.Unread(String message) ->
                throw new RefusedException(
                        Reason.OwnershipUnread,
                        "the VM cannot be read from the API server: " + message
                                + "; check the connection of this node to the API server");
            case Ownership.Absent absent -> Optional.empty();
            case Ownership.Found found ->
                Optional.of(found)
                        .filter(vm -> vm.uid().equals(facts.spec().vmRef().owner()));
        };
    }
}
