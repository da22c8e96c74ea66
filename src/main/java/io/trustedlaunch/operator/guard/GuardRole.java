package io.trustedlaunch.operator.guard;

/** The two pods of a node with VMs. */
public enum GuardRole {
    /** A PodDisruptionBudget refuses its eviction, so a drain waits for it. It goes when no VM needs the node any more. */
    Guard(
            "guard",
            "Stands for the VMs on this node, so that a drain waits until they have left. Which VMs are left and"
                    + " why: see condition Drained of the ClusterNode %s."),
    /** Nothing refuses its eviction: that it is gone from a cordoned node with a guard says that the node is drained. */
    DrainSignal(
            "drain-signal",
            "Its eviction from a cordoned node lets the VMs on it migrate to other nodes:"
                    + " see condition Drained of the ClusterNode %s.");

    private final String label;
    private final String description;

    GuardRole(String label, String description) {
        this.label = label;
        this.description = description;
    }

    /** The value of the label {@link io.trustedlaunch.api.Api#LABEL_GUARD}. */
    String label() {
        return label;
    }

    String description(String node) {
        return description.formatted(node);
    }

    String podName(String node) {
        return GuardPod.name("trusted-launch-" + label + "-", node);
    }
}
