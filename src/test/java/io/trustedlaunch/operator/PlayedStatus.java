package io.trustedlaunch.operator;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Departure;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusDepartureBuilder;
import io.trustedlaunch.api.incarnation.VMMigrationStatus.Transfer;
import io.trustedlaunch.testkit.EndorsementKeys;

/** The statuses that agents report of an incarnation. */
final class PlayedStatus {
    static final Transfer HALF = new Transfer(new Quantity("256Mi"), new Quantity("256Mi"), null, null);

    private PlayedStatus() {}

    static VMIncarnationStatus runs(long epoch) {
        return runs(epoch, null);
    }

    static VMIncarnationStatus runs(long epoch, Departure departure) {
        return status(Phase.Running, sealed(epoch, 1, false), null, departure);
    }

    static VMIncarnationStatus receives() {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(Phase.Receiving)
                .reason(Reason.Starting.name())
                .build();
    }

    static VMIncarnationStatus waitsFor(Reason problem) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(Phase.Preparing)
                .reason(problem.name())
                .message("because")
                .build();
    }

    static VMIncarnationStatus erased() {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(3L)
                .phase(Phase.Erased)
                .exit(Exit.NeverRan)
                .build();
    }

    static VMIncarnationStatus neverRan() {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(2L)
                .phase(Phase.Stopped)
                .reason(Reason.Stopped.name())
                .exit(Exit.NeverRan)
                .build();
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
        return VMIncarnationStatusDepartureBuilder.builder()
                .epoch(epoch)
                .nodeName(node)
                .course(course)
                .message(course == Course.Stayed ? "the link is down" : null)
                .progressPercent(50)
                .transfer(HALF)
                .build();
    }

    private static VMIncarnationStatus status(Phase phase, SealedState sealed, Exit exit, Departure departure) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .ekDigest(EndorsementKeys.ONE.digest())
                .ekPublic(EndorsementKeys.ONE.toBase64())
                .guestState(sealed)
                .exit(exit)
                .departure(departure)
                .build();
    }

    private static SealedState sealed(long epoch, long generation, boolean complete) {
        return new SealedState(new GuestStateVersion(epoch, generation), "2026-01-01T00:00:00Z", 5L, complete, null);
    }
}
