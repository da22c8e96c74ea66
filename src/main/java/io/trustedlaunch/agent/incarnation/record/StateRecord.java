package io.trustedlaunch.agent.incarnation.record;

import io.trustedlaunch.api.GuestStateVersion;

/**
 * What the agent knows for good of a VM's guest state.
 *
 * @param copyEpoch the life that the working copy on this host was made for, or is; 0: not known, if there is one
 * @param completeEpoch the last life whose last state was sealed home; 0: none
 * @param newest what this agent sealed; null: nothing. A home that has nothing as new was turned back
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
