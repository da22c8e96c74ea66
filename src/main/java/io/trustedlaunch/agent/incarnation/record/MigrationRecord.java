package io.trustedlaunch.agent.incarnation.record;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationStatus.Course;

/**
 * What the agent knows for good of a guest's ways from and to this host.
 *
 * @param arrival whose guest may come, last; null: nobody's ever
 * @param departure where a guest was to go, last; null: nowhere ever
 */
public record MigrationRecord(Arrival arrival, Departure departure) {
    public static final MigrationRecord NONE = new MigrationRecord(null, null);

    /**
     * A guest that may come.
     *
     * @param epoch the life that it becomes here
     * @param nodeName where it comes from
     * @param left the agent there has said that it has left for good
     * @param copiedTo the storage location into which its folder is copied; null: both hosts have the same, or the copy was
     *     removed
     */
    public record Arrival(long epoch, String nodeName, boolean left, String copiedTo) {
        public Arrival withLeftSource() {
            return new Arrival(epoch, nodeName, true, copiedTo);
        }

        public Arrival withoutCopy() {
            return new Arrival(epoch, nodeName, left, null);
        }
    }

    /**
     * A folder that the other host does not share.
     *
     * @param location where it is
     */
    public record Folder(String location, Stage stage) {}

    /** What has become of such a folder. Each is remembered before the next is begun. */
    public enum Stage {
        /** The guest's, as long as it has not left. */
        Needed,
        /** The other agent has all of it, and knows that the guest is its own. */
        HandedOver,
        Cleared
    }

    /**
     * A guest that is to go. Remembered before it happens: one try for an epoch.
     *
     * @param from the life that it has here
     * @param epoch the life that it becomes there
     * @param reason why it stays; only with {@code Stayed}
     * @param message why it stays; only with {@code Stayed}
     * @param folder null: both hosts have it
     */
    @RecordBuilder
    public record Departure(
            long from, long epoch, String nodeName, Course course, Reason reason, String message, Folder folder) {
        public static Departure underway(long from, Migration move, Folder folder) {
            return MigrationRecordDepartureBuilder.builder()
                    .from(from)
                    .epoch(move.epoch())
                    .nodeName(move.to().nodeName())
                    .course(Course.Underway)
                    .folder(folder)
                    .build();
        }

        public Departure left() {
            return MigrationRecordDepartureBuilder.builder(this)
                    .course(Course.Left)
                    .reason(null)
                    .message(null)
                    .build();
        }

        public Departure at(Stage stage) {
            return MigrationRecordDepartureBuilder.builder(this)
                    .folder(new Folder(folder.location(), stage))
                    .build();
        }
    }

    public MigrationRecord withArrival(Arrival guest) {
        return new MigrationRecord(guest, departure);
    }

    public MigrationRecord withLeftSource() {
        return new MigrationRecord(arrival.withLeftSource(), departure);
    }

    public MigrationRecord withoutCopy() {
        return new MigrationRecord(arrival.withoutCopy(), departure);
    }

    public MigrationRecord withDeparture(Departure now) {
        return new MigrationRecord(arrival, now);
    }
}
