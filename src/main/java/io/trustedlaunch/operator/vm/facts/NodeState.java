package io.trustedlaunch.operator.vm.facts;

/** The observed state of the node of an incarnation. Only a proof of death lets another incarnation begin. */
public enum NodeState {
    /** Its agent renews its Lease. */
    RESPONDING,
    /** Its agent's Lease has run out. Its guests may run on: nothing follows. */
    SILENT,
    /**
     * It has no ClusterNode. Its guests may run on, and it is registered again if its agent lives; only deletions do not wait
     * for it.
     */
    UNREGISTERED,
    /** It is proved dead: no guest runs there, and none will before its agent has been heard again. */
    FENCED
}
