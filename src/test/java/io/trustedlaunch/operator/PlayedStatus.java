package io.trustedlaunch.operator;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Departure;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.VMMigrationStatus.Progress;
import io.trustedlaunch.testkit.EndorsementKeys;

/** The statuses that agents report of an incarnation. */
final class PlayedStatus {
    static final Progress HALF = new Progress(1L << 28, 1L << 28, 50, null, null);

    private PlayedStatus() {}

    static VMIncarnationStatus runs(long epoch) {
        return runs(epoch, null);
    }

    static VMIncarnationStatus runs(long epoch, Departure departure) {
        return status(Phase.Running, sealed(epoch, 1, false), null, departure);
    }

    static VMIncarnationStatus receives() {
        return new VMIncarnationStatus(
                1L, Phase.Receiving, Reason.Starting.name(), null, null, null, null, null, null, null);
    }

    static VMIncarnationStatus neverRan() {
        return new VMIncarnationStatus(
                2L, Phase.Stopped, Reason.Stopped.name(), null, null, null, null, null, Exit.NeverRan, null);
    }

    /** Shut down cleanly, with nothing left on the node. */
    static VMIncarnationStatus ended(long epoch) {
        return status(Phase.Stopped, sealed(epoch, 2, true), Exit.Shutdown, null);
    }

    /** Its last state may not be sealed yet. */
    static VMIncarnationStatus crashed(long epoch) {
        return status(Phase.Stopped, sealed(epoch, 1, false), Exit.Crashed, null);
    }

    /** @param complete its last state is sealed, and its working copy removed */
    static VMIncarnationStatus left(long epoch, Departure departure, boolean complete) {
        return status(Phase.Stopped, sealed(epoch, 2, complete), Exit.Migrated, departure);
    }

    static Departure departs(long epoch, String node, Course course) {
        return new Departure(epoch, node, course, null, course == Course.Stayed ? "the link is down" : null, HALF);
    }

    private static VMIncarnationStatus status(Phase phase, SealedState sealed, Exit exit, Departure departure) {
        return new VMIncarnationStatus(
                1L,
                phase,
                null,
                null,
                EndorsementKeys.ONE.digest(),
                EndorsementKeys.ONE.toBase64(),
                null,
                sealed,
                exit,
                departure);
    }

    private static SealedState sealed(long epoch, long generation, boolean complete) {
        return new SealedState(new GuestStateVersion(epoch, generation), "2026-01-01T00:00:00Z", 5L, complete, null);
    }
}
