package io.trustedlaunch.operator.vm.status;

import io.trustedlaunch.api.GuestStateVersion;

/** What a user is told of a guest state that changed while no agent watched: the same in the event and in Ready. */
final class UnwatchedChange {
    private UnwatchedChange() {}

    static String after(GuestStateVersion lastWatched) {
        return "its guest state was changed after " + lastWatched + " was sealed, while no agent watched: by the guest"
                + " as it ended, or by somebody on its host. If you do not trust that, name " + lastWatched
                + " in spec.approveGuestState and restart the VM, before it is moved or started otherwise: its home may"
                + " not have " + lastWatched + " after that";
    }
}
