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
 * The agent's durable record of a VM.
 *
 * @param highestEpoch no incarnation before it ever starts here
 * @param resumedEpoch the last epoch whose guest was resumed, or was about to be; 0: none
 * @param tpmMade a TPM was made here, so that no other ever is
 * @param ekDigest of the endorsement key that was found first; empty: none yet
 * @param disksMade the disks that were made here, so that none is made twice
 * @param ended how the last incarnation ended; empty: none has
 * @param shutdown the last request to shut down; empty: none
 * @param erased the VM was deleted: nothing of it is left or made again
 */
@RecordBuilder
public record VmRecord(
        long highestEpoch,
        long resumedEpoch,
        boolean tpmMade,
        Optional<String> ekDigest,
        SortedSet<String> disksMade,
        Optional<Ended> ended,
        Optional<Shutdown> shutdown,
        StateRecord state,
        MigrationRecord migration,
        boolean erased) {

    /** How an incarnation ended. */
    public record Ended(long epoch, Exit exit) {}

    /** When a guest was asked to shut down, by this host's clock. */
    public record Shutdown(long epoch, Instant requested) {}

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

    /** How that incarnation ended; empty: it has not, or a later one has. */
    public Optional<Exit> exitOf(long epoch) {
        return ended.filter(end -> end.epoch() == epoch).map(Ended::exit);
    }

    public Optional<Instant> shutdownRequested(long epoch) {
        return shutdown.filter(request -> request.epoch() == epoch).map(Shutdown::requested);
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
        return VmRecordBuilder.builder(this)
                .tpmMade(true)
                .ekDigest(Optional.of(digest))
                .build();
    }

    public VmRecord withDisk(String name) {
        SortedSet<String> more = new TreeSet<>(disksMade);
        more.add(name);
        return VmRecordBuilder.builder(this).disksMade(more).build();
    }

    public VmRecord withEnd(long epoch, Exit exit) {
        return VmRecordBuilder.builder(this)
                .ended(Optional.of(new Ended(epoch, exit)))
                .build();
    }

    /** The guest was resumed, and its last state was not sealed. */
    public boolean lacksLastState() {
        return resumedEpoch != 0 && resumedEpoch != state.completeEpoch();
    }

    public VmRecord withState(StateRecord now) {
        return VmRecordBuilder.builder(this).state(now).build();
    }

    /** The guest that may arrive, until its incarnation here has been resumed or has ended. */
    public Optional<Arrival> expectedArrival() {
        return migration
                .arrival()
                .filter(arrival -> !erased
                        && arrival.epoch() == highestEpoch
                        && arrival.epoch() > resumedEpoch
                        && exitOf(arrival.epoch()).isEmpty());
    }

    /** The latest epoch, without that of a guest that has not been resumed here: it belongs to its source. */
    long latestIncarnation() {
        return isPendingArrival(highestEpoch) ? resumedEpoch : highestEpoch;
    }

    /** Whether the guest of that epoch was to arrive and was never resumed here. */
    boolean isPendingArrival(long epoch) {
        return resumedEpoch < epoch
                && migration
                        .arrival()
                        .filter(arrival -> arrival.epoch() == epoch)
                        .isPresent();
    }

    /** The migration away of the guest of that epoch. */
    public Optional<Departure> departureFrom(long epoch) {
        return migration.departure().filter(departure -> departure.from() == epoch);
    }

    public VmRecord withMigration(MigrationRecord now) {
        return VmRecordBuilder.builder(this).migration(now).build();
    }

    public VmRecord withShutdown(long epoch, Instant requested) {
        return VmRecordBuilder.builder(this)
                .shutdown(Optional.of(new Shutdown(epoch, requested)))
                .build();
    }

    /** The rest of a deleted VM: enough to refuse late requests. */
    public VmRecord tombstone() {
        return VmRecordBuilder.builder(this)
                .ekDigest(Optional.empty())
                .disksMade(new TreeSet<>())
                .shutdown(Optional.empty())
                .migration(MigrationRecord.NONE)
                .erased(true)
                .build();
    }
}
