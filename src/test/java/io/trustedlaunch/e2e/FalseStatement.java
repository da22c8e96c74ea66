package io.trustedlaunch.e2e;

import java.util.List;

/** A person says that the host under a guest is dead, and its guest runs. */
sealed interface FalseStatement extends HostFate {
    /** Its agent is heard, so the word is contradicted at once. */
    record OfHeardHost() implements FalseStatement {}

    /**
     * The host reaches no other host and no API server. Only its beacon in the shared location contradicts the word.
     *
     * @param meanwhile what is done while the VM waits on another node
     * @param ending how its guest comes to run under the VM's control again
     */
    record OfCutOffHost(List<Step> meanwhile, Ending ending) implements FalseStatement {}

    enum Step {
        EDIT_SPEC,
        RESTART,
        HALT_AND_START,
        /** Of the node that the VM waits on, for some minutes. */
        CORDON,
        WITHDRAW_AND_STATE,
        OPERATOR_DIES,
        /** That of the node that the VM waits on. */
        AGENT_DIES
    }

    enum Ending {
        LINK_RETURNS,
        WITHDRAWN_BEFORE_LINK_RETURNS,
        /** The word comes true. */
        LOSES_POWER
    }
}
