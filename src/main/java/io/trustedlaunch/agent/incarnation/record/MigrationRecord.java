package io.trustedlaunch.agent.incarnation.record;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import java.util.Optional;

/**
 * The durable record of a VM's migrations from and to this host.
 *
 * @param arrival the last guest that may arrive; empty: none
 * @param departure the last migration away; empty: none
 */
public record MigrationRecord(Optional<Arrival> arrival, Optional<Departure> departure) {
    public static final MigrationRecord NONE = new MigrationRecord(Optional.empty(), Optional.empty());

    /**
     * A guest that may arrive.
     *
     * @param epoch of its incarnation here
     * @param nodeName its source
     * @param left the source agent has confirmed that it has left for good
     * @param copiedTo the storage location that its folder is copied to; empty: the folder is shared, or the copy was removed
     */
    public record Arrival(long epoch, String nodeName, boolean left, Optional<String> copiedTo) {
        public Arrival withLeftSource() {
            return new Arrival(epoch, nodeName, true, copiedTo);
        }

        public Arrival withoutCopy() {
            return new Arrival(epoch, nodeName, left, Optional.empty());
        }
    }

    /**
     * A folder that the target does not share.
     *
     * @param location its storage location
     */
    public record Folder(String location, Stage stage) {}

    /** Each stage is recorded before the next begins. */
    public enum Stage {
        /** The guest needs it until it has left. */
        Needed,
        /** The target agent has all of it, and has confirmed that the guest has left. */
        HandedOver,
        Cleared
    }

    /**
     * A migration away. It is recorded before it starts: each epoch is attempted once.
     *
     * @param from the epoch of its incarnation here
     * @param epoch of its incarnation there
     * @param problem why the guest stayed; empty: it has not stayed
     * @param folder empty: shared
     */
    @RecordBuilder
    public record Departure(
            long from, long epoch, String nodeName, Course course, Optional<Problem> problem, Optional<Folder> folder) {
        public static Departure underway(long from, Migration migration, Optional<Folder> folder) {
            return MigrationRecordDepartureBuilder.builder()
                    .from(from)
                    .epoch(migration.epoch())
                    .nodeName(migration.to().nodeName())
                    .course(Course.Underway)
                    .folder(folder)
                    .build();
        }

        public Departure left() {
            return MigrationRecordDepartureBuilder.builder(this)
                    .course(Course.Left)
                    .problem(Optional.empty())
                    .build();
        }

        public Departure at(Stage stage) {
            return MigrationRecordDepartureBuilder.builder(this)
                    .folder(folder.map(known -> new Folder(known.location(), stage)))
                    .build();
        }
    }

    public MigrationRecord withArrival(Arrival now) {
        return new MigrationRecord(Optional.of(now), departure);
    }

    public MigrationRecord withLeftSource() {
        return new MigrationRecord(arrival.map(Arrival::withLeftSource), departure);
    }

    public MigrationRecord withoutCopy() {
        return new MigrationRecord(arrival.map(Arrival::withoutCopy), departure);
    }

    public MigrationRecord withDeparture(Departure now) {
        return new MigrationRecord(arrival, Optional.of(now));
    }
}
