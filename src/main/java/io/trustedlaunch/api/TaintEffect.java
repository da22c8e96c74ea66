package io.trustedlaunch.api;

/** What a taint of a Kubernetes Node does to VMs that do not tolerate it. */
public enum TaintEffect {
    /** The node takes none. */
    NoSchedule,
    /** The node is taken only if no other will do. */
    PreferNoSchedule,
    /** As NoSchedule: a guest that runs is not moved by a taint. */
    NoExecute
}
