package io.trustedlaunch.e2e;

import io.trustedlaunch.failpoint.Failpoint;
import java.util.List;

/**
 * The death of the host under a guest, in truth.
 *
 * @param controller what the host's management controller does with the first commands that it gets
 * @param meanwhile what else dies before the guest runs elsewhere
 */
record HostDeath(Cause cause, Proof proof, List<ControllerFault> controller, List<Other> meanwhile)
        implements HostFate {
    enum Cause {
        LOSES_POWER,
        /** All of its processes stand still, its guests included. */
        HANGS,
        /** It reaches no other host and no API server, and its guest goes on, with its storage, until its power is cut. */
        IS_CUT_OFF,
        /** Nothing is wrong with it, until its power is cut. */
        IS_WELL
    }

    /** Whence the operator knows. */
    enum Proof {
        /** Its FenceDevice is automatic. */
        SILENCE_AND_POWER,
        /** A person wants its power cut. */
        POWER,
        /** A person says so, of a host that has lost its power. */
        STATEMENT;

        boolean isPower() {
            return this != STATEMENT;
        }
    }

    /** By the names that {@code bin/lab bmc NAME fault} takes. */
    enum ControllerFault {
        /** It answers with an error. */
        REFUSE,
        /** It says that it has done it, and has not. */
        IGNORE,
        /** It answers after 20 seconds, and switches then. */
        LATE,
        /** It switches nothing, and says from then on that the host is off. */
        LIE,
        /** The same, and it says that it is in another machine. */
        SWAP;

        /** What it says of the power is true. */
        static final List<ControllerFault> HONEST = List.of(REFUSE, IGNORE, LATE);
    }

    /** It is restarted at once. */
    sealed interface Other {
        /** The operator, or the agent of the host that the guest starts on. */
        record DiesAt(Failpoint point) implements Other {}

        /** While it cuts the power. */
        record FencerDies() implements Other {}
    }
}
