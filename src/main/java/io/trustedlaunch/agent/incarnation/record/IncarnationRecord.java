package io.trustedlaunch.agent.incarnation.record;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.EpochProgress;
import io.trustedlaunch.api.incarnation.EpochProgress.End;
import io.trustedlaunch.api.incarnation.EpochProgress.Reached;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.vm.SecureBootState;
import io.trustedlaunch.gueststate.Claimant;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * An agent's record of one incarnation.
 *
 * @param proof that the operator assigned it to this node; empty: the operator gave none
 * @param fences the NodeFences that it began because of, as it named them whenever it was seen
 * @param claimant as which it claims the home, with a nonce that is nowhere else before; empty: it began before this record
 * @param resumed its guest was resumed, or was about to be
 * @param exit how it ended; empty: it has not
 * @param ownsCopy the working copy on this host was made for it, or was about to be
 * @param copiedFrom the guest state at home that the working copy was made from; empty: none
 * @param complete its last state was sealed
 * @param secureBoot in the last state that was sealed; empty: none was, or it was not readable
 * @param arrival the guest that it takes over; empty: none, or its host is not prepared for it yet
 * @param departure the last migration away
 * @param shutdownRequested when its guest was asked to shut down, by this host's clock; empty: it was not
 */
@RecordBuilder
public record IncarnationRecord(
        Optional<String> proof,
        SortedSet<String> fences,
        Optional<Claimant> claimant,
        boolean resumed,
        Optional<Exit> exit,
        boolean ownsCopy,
        Optional<GuestStateVersion> copiedFrom,
        boolean complete,
        Optional<SecureBootState> secureBoot,
        Optional<ArrivalRecord> arrival,
        Optional<DepartureRecord> departure,
        Optional<Instant> shutdownRequested) {
    /** Nothing happened but that it was seen. */
    public static final IncarnationRecord SEEN =
            IncarnationRecordBuilder.builder().fences(new TreeSet<>()).build();

    public IncarnationRecord {
        fences = new TreeSet<>(fences);
    }

    /** Each step is recorded before it is taken: once it has a working copy, it may have claimed the home. */
    EpochProgress progress() {
        Reached made = isPendingArrival() ? Reached.PREPARED : ownsCopy ? Reached.CLAIMED : Reached.SEEN;
        End over = complete ? End.SEALED : End.ENDED;
        return new EpochProgress(resumed ? Reached.RESUMED : made, exit.isPresent() ? over : End.OPEN);
    }

    /** Its guest was to arrive, and was never resumed here: it belongs to its source. */
    boolean isPendingArrival() {
        return arrival.isPresent() && !resumed;
    }

    /** One that was only seen here, or whose guest never arrived, says nothing of where the VM's state is. */
    boolean mayHaveState() {
        return (resumed || ownsCopy) && !isPendingArrival();
    }

    /** Its guest may still arrive. */
    public boolean expectsGuest() {
        return isPendingArrival() && exit.isEmpty();
    }
}
