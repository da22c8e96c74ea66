package io.trustedlaunch.agent.incarnation.record;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import java.util.Optional;

/**
 * A migration away. It is recorded before it starts: each epoch is attempted once.
 *
 * @param epoch of the incarnation on the target
 * @param nodeName the target
 * @param problem why the guest stayed; empty: it has not stayed
 * @param folder empty: shared
 */
@RecordBuilder
public record DepartureRecord(
        long epoch, String nodeName, Course course, Optional<Problem> problem, Optional<Folder> folder) {
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
        /** The target agent has all of it, and has resumed the guest. */
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

    public static DepartureRecord stayed(long epoch, String nodeName, Problem problem) {
        return DepartureRecordBuilder.builder()
                .epoch(epoch)
                .nodeName(nodeName)
                .course(Course.Stayed)
                .problem(Optional.of(problem))
                .build();
    }

    public DepartureRecord left() {
        return DepartureRecordBuilder.builder(this)
                .course(Course.Left)
                .problem(Optional.empty())
                .build();
    }

    public DepartureRecord at(Stage stage) {
        return DepartureRecordBuilder.builder(this)
                .folder(folder.map(known -> new Folder(known.location(), stage)))
                .build();
    }
}
