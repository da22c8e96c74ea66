package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.incarnation.MoveRecord.Departure;
import io.trustedlaunch.agent.movement.Move;
import io.trustedlaunch.agent.movement.Movement;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done at once when a guest has left, since it stands still until then: that is remembered, what it changed last
 * is sealed, and the other host is told. A pass finds the same from the outside, and does what of it is left to do.
 */
public final class Farewell {
    private static final Logger LOG = LoggerFactory.getLogger(Farewell.class);

    private final VmMemory memory;
    private final GuestStateKeeper keeper;
    private final Failpoints failpoints;

    public Farewell(VmMemory memory, GuestStateKeeper keeper, Failpoints failpoints) {
        this.memory = memory;
        this.keeper = keeper;
        this.failpoints = failpoints;
    }

    /** The hypervisor has said that the guest is gone for good. */
    public void say(Move move, Movement movement) {
        remember(move.vm(), move.epoch());
        keeper.seal(move.vm());
        giveWord(move, movement);
    }

    void remember(UUID vm, long epoch) {
        memory.change(vm, record -> {
            Departure departure = record.move().departure();
            boolean open = departure != null && departure.epoch() == epoch && departure.course() == Course.Underway;
            return open
                    ? record.endedAs(departure.from(), Exit.Migrated)
                            .withMove(record.move().with(departure.left()))
                    : record;
        });
        failpoints.reached(Failpoint.SOURCE_LEFT_REMEMBERED);
    }

    /** It may not be heard: the API server has it too. */
    void giveWord(Move move, Movement movement) {
        try {
            movement.tellLeft(move);
        } catch (IOException e) {
            LOG.warn("VM {} has left for {}, which was not told directly: {}", move.vm(), move.to(), e.getMessage());
        }
        failpoints.reached(Failpoint.SOURCE_WORD_GIVEN);
    }
}
