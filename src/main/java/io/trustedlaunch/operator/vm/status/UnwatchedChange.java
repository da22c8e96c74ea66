package io.trustedlaunch.operator.vm.status;

import io.trustedlaunch.api.GuestStateVersion;

/** The message about a guest state that changed while no agent watched it, for the event and for Ready. */
final class UnwatchedChange {
    private UnwatchedChange() {}

    static String after(GuestStateVersion lastWatched) {
        return "its guest state was changed after " + lastWatched
                + " was sealed, while no agent watched it: by the guest"
                + " as it ended, or by a user of its host. If you do not trust that change, set spec.approveGuestState"
                + " to " + lastWatched + " and restart the VM before it is migrated or started otherwise, because its"
                + " home may not have " + lastWatched + " after that";
    }
}
