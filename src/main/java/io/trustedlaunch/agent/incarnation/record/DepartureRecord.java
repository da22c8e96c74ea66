package io.trustedlaunch.agent.incarnation.record;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import java.util.Optional;

/**
 * A migration away. It is recorded before it starts: each epoch is attempted once.
 *
 * @param epoch of the incarnation on the target
 * @param nodeName the target
 * @param reason only with {@code Stayed}
 * @param message only with {@code Stayed}
 * @param folder empty: shared
 */
@RecordBuilder
public record DepartureRecord(
        long epoch, String nodeName, Course course, Reason reason, String message, Optional<Folder> folder) {
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

    public static DepartureRecord underway(Migration migration, Optional<Folder> folder) {
        return DepartureRecordBuilder.builder()
                .epoch(migration.epoch())
                .nodeName(migration.to().nodeName())
                .course(Course.Underway)
                .folder(folder)
                .build();
    }

    public static DepartureRecord stayed(long epoch, String nodeName, Reason reason, String message) {
        return DepartureRecordBuilder.builder()
                .epoch(epoch)
                .nodeName(nodeName)
                .course(Course.Stayed)
                .reason(reason)
                .message(message)
                .build();
    }

    public DepartureRecord left() {
        return DepartureRecordBuilder.builder(this)
                .course(Course.Left)
                .reason(null)
                .message(null)
                .build();
    }

    public DepartureRecord at(Stage stage) {
        return DepartureRecordBuilder.builder(this)
                .folder(folder.map(known -> new Folder(known.location(), stage)))
                .build();
    }
}
