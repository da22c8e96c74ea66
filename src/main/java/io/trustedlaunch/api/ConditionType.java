package io.trustedlaunch.api;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Optional;

/** The condition types of all kinds; {@code docs/conditions.md} is generated from here. */
public enum ConditionType {
    Ready("TrustedLaunchVM: it is in the state that its spec asks for; a Halted VM that is off is Ready."
            + " Other kinds: it can be used."),
    Running("TrustedLaunchVM: the guest is running."),
    ImageEligible("TrustedLaunchVM: the image was eligible when the VM was created, and still is."),
    Migratable(
            "TrustedLaunchVM: it can be moved to another node while it runs; the message says to how many, or what is in"
                    + " the way."),
    Placed("TrustedLaunchVM: a node has been chosen for the VM's present life."),
    Eligible("GuestImage: a policy allows it to become trusted launch VMs."),
    Current("ImageCatalog: what was last read from its source is what is in force."),
    Restricted("StorageLocation: only host administrators and the hypervisor can reach its files."),
    Shared("StorageLocation: every node that has it ready was proved to have one and the same folder there."),
    Migrated(
            "VMMigration: True when the guest runs on the target, False when it stays, Unknown while the move is open."),
    Open("VMConsole: the agent of the node that is named lets its client in."),
    Drained("ClusterNode: it is to be emptied, and runs no VM any more; the message counts what is left.");

    private final String meaning;

    ConditionType(String meaning) {
        this.meaning = meaning;
    }

    /** One sentence for the documentation. */
    public String meaning() {
        return meaning;
    }

    /** The condition of this type. */
    public Optional<Condition> in(List<Condition> conditions) {
        return conditions.stream()
                .filter(condition -> condition.getType().equals(name()))
                .findFirst();
    }
}
