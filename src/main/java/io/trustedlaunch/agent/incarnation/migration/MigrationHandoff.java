package io.trustedlaunch.agent.incarnation.migration;

import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.incarnation.record.DepartureRecord;
import io.trustedlaunch.agent.incarnation.record.DepartureRecord.Folder;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.agent.incarnation.record.VmRecordStore;
import io.trustedlaunch.agent.incarnation.state.Homes;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands a guest over to its target as soon as it has left, because it is paused until then: records it, seals its last
 * changes and reports it to the target. A pass observes the same and completes what is missing.
 */
public final class MigrationHandoff {
    private static final Logger LOG = LoggerFactory.getLogger(MigrationHandoff.class);

    private final VmRecordStore records;
    private final GuestStateKeeper keeper;
    private final Homes homes;
    private final Failpoints failpoints;

    public MigrationHandoff(VmRecordStore records, GuestStateKeeper keeper, Homes homes, Failpoints failpoints) {
        this.records = records;
        this.keeper = keeper;
        this.homes = homes;
        this.failpoints = failpoints;
    }

    /** Called when the hypervisor has reported that the guest is gone for good. */
    public void handOff(Migration migration, Migrations migrations) {
        recordLeft(migration.vm(), migration.epoch());
        keeper.seal(migration.vm());
        report(migration, migrations);
    }

    void recordLeft(UUID vm, long epoch) {
        records.update(vm, record -> {
            Optional<Long> leaving = record.departingTo(epoch);
            return leaving.flatMap(from -> record.of(from).departure())
                    .filter(departure -> departure.course() == Course.Underway)
                    .map(departure ->
                            record.withEnd(leaving.get(), Exit.Migrated).withDeparture(leaving.get(), departure.left()))
                    .orElse(record);
        });
        failpoints.reached(Failpoint.SOURCE_LEFT_RECORDED);
    }

    /** Sends the files of the home to the target, unless both share the folder. */
    void sendHome(Migration migration, Migrations migrations) throws IOException {
        VmRecord record = records.require(migration.vm());
        Optional<Folder> folder = record.departingTo(migration.epoch())
                .flatMap(from -> record.of(from).departure())
                .flatMap(DepartureRecord::folder);
        if (folder.isPresent()) {
            migrations.sendHome(
                    migration,
                    homes.at(new VmFolder(Path.of(folder.get().location()), migration.vm()))
                            .files());
        }
    }

    /** Sends the last sealed state, then the report. If the target gets neither, the API server has the report too. */
    void report(Migration migration, Migrations migrations) {
        try {
            sendHome(migration, migrations);
        } catch (IOException e) {
            LOG.warn(
                    "VM {}: could not send its last guest state to {}, will retry: {}",
                    migration.vm(),
                    migration.to(),
                    e.getMessage());
        }
        try {
            migrations.reportLeft(migration);
        } catch (IOException e) {
            LOG.warn(
                    "VM {} has left for {}, but could not report it to that node directly: {}",
                    migration.vm(),
                    migration.to(),
                    e.getMessage());
        }
        failpoints.reached(Failpoint.SOURCE_HANDOFF_SENT);
    }
}
