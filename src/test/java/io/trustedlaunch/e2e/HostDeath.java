package io.trustedlaunch.e2e;

import io.trustedlaunch.failpoint.Failpoint;
import java.util.List;

/**
 * The death of the host under a guest, or what looks like one.
 *
 * @param meanwhile what else dies before the guest runs elsewhere
 */
record HostDeath(Cause cause, List<Other> meanwhile) {
    enum Cause {
        LOSES_POWER,
        /** All of its processes stand still, its guests included. */
        HANGS,
        /** It reaches no other host and no API server, and its guest goes on, with its storage. */
        IS_CUT_OFF,
        /** A person says so, and it is alive. */
        IS_SAID_TO_BE_DEAD;

        boolean isTrue() {
            return this != IS_SAID_TO_BE_DEAD;
        }
    }

    /** It is restarted at once. */
    sealed interface Other {
        /** The operator, or the agent of the host that the guest starts on. */
        record DiesAt(Failpoint point) implements Other {}

        /** While it cuts the power. */
        record FencerDies() implements Other {}
    }
}
