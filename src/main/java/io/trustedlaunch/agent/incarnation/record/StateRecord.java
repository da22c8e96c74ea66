package io.trustedlaunch.agent.incarnation.record;

import io.trustedlaunch.api.GuestStateVersion;

/**
 * The durable record of a VM's guest state.
 *
 * @param copyEpoch the epoch of the working copy on this host; 0: unknown, or there is none
 * @param completeEpoch the last epoch whose last state was sealed; 0: none
 * @param newest the newest version that this agent sealed; null: none. A home with only older ones was rolled back
 */
public record StateRecord(long copyEpoch, long completeEpoch, GuestStateVersion newest) {
    public static final StateRecord NONE = new StateRecord(0, 0, null);

    public StateRecord withCopyOf(long epoch) {
        return new StateRecord(epoch, completeEpoch, newest);
    }

    public StateRecord completedBy(long epoch) {
        return new StateRecord(copyEpoch, epoch, newest);
    }

    public StateRecord sealed(GuestStateVersion version) {
        boolean newer = newest == null || version.compareTo(newest) > 0;
        return newer ? new StateRecord(copyEpoch, completeEpoch, version) : this;
    }
}
