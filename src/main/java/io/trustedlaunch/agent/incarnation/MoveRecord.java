package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.movement.Move;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationStatus.Course;

/**
 * What the agent knows for good of a guest's ways from and to this host.
 *
 * @param arrival whose guest may come, last; null: nobody's ever
 * @param departure where a guest was to go, last; null: nowhere ever
 */
public record MoveRecord(Arrival arrival, Departure departure) {
    static final MoveRecord NONE = new MoveRecord(null, null);

    /**
     * A guest that may come.
     *
     * @param epoch the life that it becomes here
     * @param nodeName where it comes from
     * @param left the agent there has said that it has left for good
     */
    public record Arrival(long epoch, String nodeName, boolean left) {}

    /**
     * A guest that is to go. Remembered before it happens: one try for an epoch.
     *
     * @param from the life that it has here
     * @param epoch the life that it becomes there
     * @param reason why it stays; only with {@code Stayed}
     * @param message why it stays; only with {@code Stayed}
     */
    public record Departure(long from, long epoch, String nodeName, Course course, Reason reason, String message) {
        static Departure underway(long from, Move move) {
            return new Departure(from, move.epoch(), move.to().nodeName(), Course.Underway, null, null);
        }

        Departure left() {
            return new Departure(from, epoch, nodeName, Course.Left, null, null);
        }
    }

    MoveRecord expecting(Arrival guest) {
        return new MoveRecord(guest, departure);
    }

    MoveRecord heardThatItLeft() {
        return new MoveRecord(new Arrival(arrival.epoch(), arrival.nodeName(), true), departure);
    }

    MoveRecord with(Departure now) {
        return new MoveRecord(arrival, now);
    }
}
