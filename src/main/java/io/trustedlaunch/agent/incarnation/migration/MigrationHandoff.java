package io.trustedlaunch.agent.incarnation.migration;

import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Departure;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Folder;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Homes;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done at once when a guest has left, since it stands still until then: that is remembered, what it changed last
 * is sealed, and the other host is told. A pass finds the same from the outside, and does what of it is left to do.
 */
public final class MigrationHandoff {
    private static final Logger LOG = LoggerFactory.getLogger(MigrationHandoff.class);

    private final VmRecordStore memory;
    private final GuestStateKeeper keeper;
    private final Homes homes;
    private final Failpoints failpoints;

    public MigrationHandoff(VmRecordStore memory, GuestStateKeeper keeper, Homes homes, Failpoints failpoints) {
        this.memory = memory;
        this.keeper = keeper;
        this.homes = homes;
        this.failpoints = failpoints;
    }

    /** The hypervisor has said that the guest is gone for good. */
    public void handOff(Migration move, Migrations movement) {
        recordLeft(move.vm(), move.epoch());
        keeper.seal(move.vm());
        giveWord(move, movement);
    }

    void recordLeft(UUID vm, long epoch) {
        memory.update(vm, record -> {
            Departure departure = record.migration().departure();
            boolean open = departure != null && departure.epoch() == epoch && departure.course() == Course.Underway;
            return open
                    ? record.withEnd(departure.from(), Exit.Migrated)
                            .withMigration(record.migration().withDeparture(departure.left()))
                    : record;
        });
        failpoints.reached(Failpoint.SOURCE_LEFT_RECORDED);
    }

    /** What the home has, to a host that does not have it; nothing to do where both do. */
    void giveHome(Migration move, Migrations movement) throws IOException {
        Folder folder = memory.require(move.vm()).migration().departure().folder();
        if (folder != null) {
            movement.sendHome(
                    move,
                    homes.at(new VmFolder(Path.of(folder.location()), move.vm()))
                            .files());
        }
    }

    /** What was sealed last, then the word: it may not be heard, but the API server has it too. */
    void giveWord(Migration move, Migrations movement) {
        try {
            giveHome(move, movement);
        } catch (IOException e) {
            LOG.warn("VM {}: its last guest state is given to {} later: {}", move.vm(), move.to(), e.getMessage());
        }
        try {
            movement.reportLeft(move);
        } catch (IOException e) {
            LOG.warn("VM {} has left for {}, which was not told directly: {}", move.vm(), move.to(), e.getMessage());
        }
        failpoints.reached(Failpoint.SOURCE_HANDOFF_SENT);
    }
}
