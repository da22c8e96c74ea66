package io.trustedlaunch.agent.incarnation.record;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Arrival;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Departure;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What the agent knows of a VM for good.
 *
 * @param highestEpoch no life before this one is ever started here
 * @param resumedEpoch the last life whose guest was, or was about to be, let run; 0: none
 * @param tpmMade a TPM was made here, so that no other ever is
 * @param ekDigest the endorsement key that was found first; null: none yet
 * @param disksMade the disks that were made here, so that none is ever made again
 * @param ended how the last life ended; null: none has
 * @param shutdown when the power is cut, once a guest was asked to shut down; null: none was
 * @param state the VM's guest state here and at home
 * @param migration the guest's ways to and from other hosts
 * @param erased the VM was deleted: nothing of it is left, and nothing of it is ever made again
 */
@RecordBuilder
public record VmRecord(
        long highestEpoch,
        long resumedEpoch,
        boolean tpmMade,
        String ekDigest,
        SortedSet<String> disksMade,
        Ended ended,
        Shutdown shutdown,
        StateRecord state,
        MigrationRecord migration,
        boolean erased) {

    /** How a life ended. */
    public record Ended(long epoch, Exit exit) {}

    /** A life that is to end, and when. The time is by this host's clock, and for this host only. */
    public record Shutdown(long epoch, Instant deadline) {}

    public VmRecord {
        disksMade = new TreeSet<>(disksMade);
    }

    public static VmRecord firstSeen(long epoch) {
        return VmRecordBuilder.builder()
                .highestEpoch(epoch)
                .resumedEpoch(0)
                .tpmMade(false)
                .disksMade(new TreeSet<>())
                .state(StateRecord.NONE)
                .migration(MigrationRecord.NONE)
                .erased(false)
                .build();
    }

    /** How the life ended, if this is known of it. */
    public Optional<Exit> exitOf(long epoch) {
        return Optional.ofNullable(ended).filter(end -> end.epoch() == epoch).map(Ended::exit);
    }

    public Optional<Instant> deadlineOf(long epoch) {
        return Optional.ofNullable(shutdown)
                .filter(asked -> asked.epoch() == epoch)
                .map(Shutdown::deadline);
    }

    public VmRecord seen(long epoch) {
        return VmRecordBuilder.builder(this)
                .highestEpoch(Math.max(highestEpoch, epoch))
                .build();
    }

    public VmRecord resumed(long epoch) {
        return VmRecordBuilder.builder(this).resumedEpoch(epoch).build();
    }

    public VmRecord withTpm() {
        return VmRecordBuilder.builder(this).tpmMade(true).build();
    }

    public VmRecord withEk(String digest) {
        return VmRecordBuilder.builder(this).tpmMade(true).ekDigest(digest).build();
    }

    public VmRecord withDisk(String name) {
        SortedSet<String> more = new TreeSet<>(disksMade);
        more.add(name);
        return VmRecordBuilder.builder(this).disksMade(more).build();
    }

    public VmRecord withEnd(long epoch, Exit exit) {
        return VmRecordBuilder.builder(this).ended(new Ended(epoch, exit)).build();
    }

    /** The guest ran, or was about to, and its last state is not known to be home. */
    public boolean lacksLastState() {
        return resumedEpoch != 0 && resumedEpoch != state.completeEpoch();
    }

    public VmRecord withState(StateRecord now) {
        return VmRecordBuilder.builder(this).state(now).build();
    }

    /** The guest that may come, as long as its life here has neither begun nor ended. */
    public Optional<Arrival> expectedArrival() {
        return Optional.ofNullable(migration.arrival())
                .filter(arrival -> !erased
                        && arrival.epoch() == highestEpoch
                        && arrival.epoch() > resumedEpoch
                        && exitOf(arrival.epoch()).isEmpty());
    }

    /**
     * The latest life that had its place here. One whose guest was to come, and was never let run here, has not: its guest
     * stayed where it was, or is still to be let run.
     */
    long latestIncarnation() {
        return isPendingArrival(highestEpoch) ? resumedEpoch : highestEpoch;
    }

    /** The life is one of a guest that was to come, and was never let run here. */
    boolean isPendingArrival(long epoch) {
        return migration.arrival() != null && migration.arrival().epoch() == epoch && resumedEpoch < epoch;
    }

    /** What is known of the way of that life's guest to another host. */
    public Optional<Departure> departureFrom(long epoch) {
        return Optional.ofNullable(migration.departure()).filter(departure -> departure.from() == epoch);
    }

    public VmRecord withMigration(MigrationRecord now) {
        return VmRecordBuilder.builder(this).migration(now).build();
    }

    public VmRecord withShutdown(long epoch, Instant deadline) {
        return VmRecordBuilder.builder(this)
                .shutdown(new Shutdown(epoch, deadline))
                .build();
    }

    /** What stays of a deleted VM: enough to refuse whatever comes late. */
    public VmRecord tombstone() {
        return VmRecordBuilder.builder(this)
                .ekDigest(null)
                .disksMade(new TreeSet<>())
                .shutdown(null)
                .migration(MigrationRecord.NONE)
                .erased(true)
                .build();
    }
}
