package io.trustedlaunch.agent.incarnation.record;

import io.trustedlaunch.api.GuestStateVersion;
import java.util.Optional;

/**
 * The durable record of a VM's guest state.
 *
 * @param copyEpoch the epoch of the working copy on this host; 0: unknown, or there is none
 * @param completeEpoch the last epoch whose last state was sealed; 0: none
 * @param newest the newest version that this agent sealed; empty: none. A home with only older ones was rolled back
 */
public record StateRecord(long copyEpoch, long completeEpoch, Optional<GuestStateVersion> newest) {
    public static final StateRecord NONE = new StateRecord(0, 0, Optional.empty());

    public StateRecord withCopyOf(long epoch) {
        return new StateRecord(epoch, completeEpoch, newest);
    }

    public StateRecord completedBy(long epoch) {
        return new StateRecord(copyEpoch, epoch, newest);
    }

    public StateRecord sealed(GuestStateVersion version) {
        boolean newer = newest.isEmpty() || version.compareTo(newest.get()) > 0;
        return newer ? new StateRecord(copyEpoch, completeEpoch, Optional.of(version)) : this;
    }
}
