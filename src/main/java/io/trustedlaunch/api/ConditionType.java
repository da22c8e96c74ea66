package io.trustedlaunch.api;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Optional;

/** The condition types of all kinds; {@code docs/conditions.md} is generated from here. */
public enum ConditionType {
    Ready("TrustedLaunchVM: it is in the state that its spec requests; a Halted VM that is off is Ready."
            + " ImageEligibilityPolicy: its rules apply. ClusterNode: the host is ready, as its agent reports it, and the agent"
            + " is heard; Unknown if it is not. Other kinds: the object can be used."),
    HostReady("ClusterNode: the host can run VMs, as its agent reported last."),
    Running("TrustedLaunchVM: the guest runs."),
    RestartRequired(
            "TrustedLaunchVM: the guest runs, and lacks something of its spec that only a start applies; the message"
                    + " names each field with both values."),
    ImageEligible("TrustedLaunchVM: the image was eligible when the VM was created, and still is."),
    Migratable(
            "TrustedLaunchVM: it could migrate to another node now; the message says to how many, or what prevents it."),
    SecureBoot(
            "TrustedLaunchVM: Secure Boot is on in the guest's firmware, as read from the UEFI variables that were sealed"
                    + " last; it takes effect at the guest's next boot."),
    VirtualizationBasedSecurity(
            "TrustedLaunchVM: the machine of the guest that runs has what virtualization-based security needs; Unknown if nothing"
                    + " proves that nested virtualization works on its node; absent if the VM is not to have it. Whether the"
                    + " guest uses it, only the guest knows."),
    DiscsInserted(
            "TrustedLaunchVM: the drives of the guest that runs have the discs that spec.discs names; absent if it names none."),
    KeyHeld(
            "TrustedLaunchVM: the Secret with its protection key is there and is not being deleted; Unknown before the first"
                    + " start and during a deletion."),
    FailoverReady(
            "TrustedLaunchVM: if its node is proved dead, it starts on another node; the message says what prevents it."),
    Placed("TrustedLaunchVM: a node has been chosen for its current incarnation."),
    Eligible("GuestImage: a policy allows trusted launch VMs to be made from it."),
    Current("ImageCatalog: the catalog in force is the one that was last read from its source."),
    Restricted("StorageLocation: only host administrators and the hypervisor can reach its files."),
    Shared("StorageLocation: all nodes that have it ready were proved to have one and the same folder there."),
    LocksShared(
            "StorageLocation: a lock that one host holds on a file there is seen on the others, so that QEMU does not open a"
                    + " disk twice."),
    Migrated("VMMigration: True when the guest runs on the target, False when it stays on the source, Unknown while the"
            + " migration is in progress."),
    Completed(
            "VMBackup: True when the backup is whole in its location, False when it failed, Unknown while it is being made."),
    Quiesced("VMBackup: True if the guest's file systems were frozen for the instant, False if they were not and the"
            + " backup is of what a power cut would leave; absent if the guest agent was not asked."),
    Verified("VMBackup: True when the backup and every backup that it depends on were read and are intact; False when"
            + " something is altered or missing, and the message says what; Unknown until the first verification that was"
            + " asked for has ended."),
    Removed("VMBackup: False while its files are being removed; the message says what that waits for."),
    BackupOverdue(
            "VMBackupSchedule: True if a VM that it selects has no completed backup of it since the last time of the"
                    + " schedule whose startWithin has passed; the message names the VMs."),
    ClocksTrusted(
            "VMBackupSchedule: the operator's clock and the API server's agree, and no time on record lies ahead; otherwise the"
                    + " message says which clock or record, and what does not happen because of it."),
    Open("VMConsole, VMBackupDownload: the agent of the node in the status admits its client."),
    Drained("ClusterNode: it is being drained, and no VM is left on the node; the message counts what is left."),
    Enrolled("ClusterNode: an administrator approved the node, so it gets certificates and VMs."),
    MachineConfirmed(
            "ClusterNode: the machine that the host reports is the one of spec.machineUUID, whose power may be cut."),
    MemoryReserved("ClusterNode: spec.memoryForVMs is set, and the node's kubelet keeps as much memory from pods."),
    Complete(
            "VMMigration, VMBackup, RestoreRun: True when it has ended and done what was asked; absent otherwise, as of Jobs."),
    Failed(
            "VMMigration, VMBackup, RestoreRun: True when it has ended otherwise, also if it was cancelled; absent otherwise."),
    Stalled(
            "All kinds that people write: True if the object is not as its spec requests, and only a person can change that."
                    + " Absent otherwise."),
    Reconciling(
            "All kinds that people write: True if the object is not as its spec requests, and may still become so by itself."
                    + " Absent otherwise.");

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
