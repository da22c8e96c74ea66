package io.trustedlaunch.api.vm;

/** The effect of a taint on VMs that do not tolerate it. */
public enum TaintEffect {
    /** No VM starts on the node or migrates to it. */
    NoSchedule,
    /** The node is used only if no other fits. */
    PreferNoSchedule,
    /** The same as NoSchedule; a taint does not migrate a running VM. */
    NoExecute
}
