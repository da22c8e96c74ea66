package io.trustedlaunch.api;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * Every reason that a condition, an event or an incarnation's status can have. Each says when it appears;
 * {@code docs/conditions.md} is generated from here.
 */
public enum Reason {
    // The state of a VM.
    Running("the guest runs on the node and with the epoch on record"),
    Halted("the VM is off, as its spec requests"),
    Succeeded("runStrategy is RerunOnFailure and the guest shut itself down"),
    Starting("the current incarnation is being prepared on its node"),
    Stopping("the guest was asked to shut down; after the grace period its power is cut"),
    Stopped("the incarnation has ended and its state is kept"),
    Deleting("the VM is being deleted: guest, key and files are removed, or with deletionPolicy Retain only the guest"),
    Retained("the VM was deleted with deletionPolicy Retain; the message has the UID that restoreFrom takes"),
    Restarting("the guest ended although it should run, and another incarnation is being prepared"),
    Adopted("a node has a later incarnation of the VM than the record, for example after a restore of the API"
            + " server's data"),
    TakenOver("the VM continues a VM that was deleted with deletionPolicy Retain, or recovered"),
    SpecChanged(
            "the guest runs, and its VM's spec or a network's filter has changed in what only a start applies; the message"
                    + " names what is wanted, and what the guest has"),
    ChangingDevices("disks or cards of a guest that runs are being changed; nothing is to be done"),
    DeviceChangeFailed(
            "QEMU or libvirt has refused to change a disk or a card of a guest that runs; the agent tries again, and a restart"
                    + " applies it"),
    DeviceHeld(
            "a card or disk was removed from the spec, and the guest has not let go of it; the agent asks again, and a restart"
                    + " removes it"),
    DiscsInserted("each drive of the guest has the disc that the spec names, or none if it names none"),
    DiscChangeFailed(
            "QEMU or libvirt has refused to change or eject a disc; a guest that has mounted the one in the drive unmounts it"
                    + " first. The agent tries again"),
    UpToDate("the guest runs with all that a start would give it; changed user data is not noticed"),
    NodeLost("the VM was deleted, and an unreachable node may still have files of it, which are useless without"
            + " the key"),

    // Images and policies.
    ImageNotFound("no GuestImage has the name in imageRef"),
    EligibleByRule("a rule of a policy allows the image; the message names both"),
    NoPolicy("there is no ImageEligibilityPolicy, so no image is eligible"),
    NoRuleAllows(
            Remedy.Person,
            "no rule of any policy allows the image; the message names the nearest rule and why it does not"
                    + " match"),
    ExceptedByRule(Remedy.Person, "a rule would allow the image, but excludes it in exceptSKUs"),
    ProvenanceMissing(
            "a rule allows the image, but its policy requires signed provenance, and no catalog in force lists"
                    + " the image"),
    IdentifierConflict(Remedy.Person, "another GuestImage has the same identifier and version, but a different digest"),
    ImageAccepted("VMs can be created from the image, and a node has imported it; the message says which"),
    ImportAtFirstUse(
            "VMs can be created from the image, and the first one causes its import; no node has read its source yet,"
                    + " so that nothing shows that the source is there"),
    Generation1(
            Remedy.Person,
            "a catalog says that the image is of generation 1, which boots without UEFI and so without Secure"
                    + " Boot"),
    OtherArchitecture(Remedy.Person, "a catalog says that the image is for another architecture than x64"),
    OsTypeMismatch(Remedy.Person, "a catalog says that the image has another OS type than its GuestImage"),
    WrongImageForm(
            Remedy.Person,
            "an OS disk is to be made from an image of form Disc, a guest is to be installed from one of form Disk, or a drive"
                    + " is to have one of form Disk"),
    NoInstallationDisc(
            Remedy.Person,
            "the OS disk of a VM is to be empty, and no drive of its spec.discs has the disc that its imageRef names"),
    DigestUnknown("the GuestImage has no sha256, and no catalog in force lists its identifier and version"),
    DigestAmbiguous(
            Remedy.Person,
            "the GuestImage has no sha256, and catalogs in force list different digests; the message names them"),
    DigestPending("the GuestImage has no sha256, and the digest that a catalog lists is not on record yet"),
    DigestChanged("no catalog in force lists the digest that is on record for the image; the recorded digest never"
            + " changes"),
    PullSecretNotFound(
            "the Secret with credentials that an image or a catalog names is not in the operator's namespace"),
    PullSecretInvalid(
            Remedy.Person,
            "the Secret with credentials that an image or a catalog names has another type, or lacks a key"),
    PolicyInForce("the rules of the policy apply; the message has the number of GuestImages that it allows"),

    // Catalogs.
    CatalogInForce("the catalog is used to prove images; the message has its serial"),
    CatalogKeyInvalid(
            Remedy.Person,
            "an entry of publicKeys is not a public key that can verify catalogs; the message says which"),
    CatalogMissing("the ConfigMap with the catalog does not exist or lacks the catalog"),
    CatalogUnreachable("the catalog cannot be fetched; the message has the server's response or the error"),
    CatalogTooLarge("the catalog is longer than 512 KiB"),
    CatalogUnsigned("there is no signature beside the catalog"),
    CatalogSignatureInvalid("the signature is not by any of the public keys, or is for other content"),
    CatalogMalformed("the catalog is signed but malformed; the message says where"),
    CatalogExpired("the catalog has expired"),
    CatalogNameMismatch("the catalog has another name than spec.catalogName: it is another list by the same signer"),
    CatalogOlder("the catalog's serial is lower than one that was accepted, or is the same with other content"),

    // Placement.
    Placed("a node has been chosen; the message names it"),
    NoNodes("no ClusterNode exists: no agent runs on a host"),
    NoNodeFits("every node was rejected; the message says why, node by node, or reason by reason if there are many"
            + " nodes"),
    WorkingCopyElsewhere(
            "the VM can start only on the node of its last incarnation, which cannot take it now, because the"
                    + " newest guest state or the VM's folder may be only there; the message says which"),
    SpecMismatch(
            Remedy.Person,
            "a field of the spec names something else than what the VM was made with; the message has the field and"
                    + " what to set it to"),
    StorageLocationNotFound("no StorageLocation has the name in storageLocationRef"),
    NetworkNotFound("no VMNetwork has the name in networkInterfaces"),
    NetworkReady("an enrolled node has the network of a VMNetwork; the message names some"),
    QuotaInForce("the VMQuota limits what its namespace takes"),
    QuotaExceeded("a quota of the namespace, or the cluster's default quota, leaves too little; the message has what is"
            + " missing"),
    NamespaceNotAllowed(
            Remedy.Person,
            "the image, storage location or network that the VM names, or the backup location that its VMBackup"
                    + " names, is not offered to its namespace; the message"
                    + " says which"),
    MacAddressInUse(
            Remedy.Person,
            "another card of the VM has the same MAC address, or one of another VM in the same network that had it first"),
    AwaitingInventory(
            "a new leader of the operator does not know yet whether the API server's data was restored from a"
                    + " backup, and a node has not reported yet which VMs it has; or the VM's own node has not answered that leader"),
    OrphanedIncarnation(
            "a VMIncarnation has a guest, or disks and a TPM, and its VM does not exist: only an administrator"
                    + " removes them, as its message says"),
    UnprovedIncarnation(
            "a node reports a later incarnation of a recovered VM than its record has, or VMs that the operator"
                    + " does not know of, without the proof that the operator gives with each incarnation; it is ignored, and what"
                    + " the VM's message says settles it"),

    // Migrations and drains.
    Migratable("the VM runs, and at least one other node could take it now"),
    NotRunning("the VM does not run: it cannot migrate and needs no restart, and can start on any node that fits"),
    MigrationPending("the migration waits for its turn, or for the VM to run; the message says which"),
    TargetNotFound("the VMMigration names a node that has no ClusterNode"),
    Migrating("the VM is being migrated, and runs on the source meanwhile"),
    Migrated("the guest runs on the target, with its own TPM"),
    MigrationFailed("the migration was given up and the guest runs on the source; the message says why"),
    FolderInTheWay("the VM's disks should be copied to a node that already has a folder of the VM, which was not made"
            + " for this migration"),
    MigrationNotConverging(
            "the guest changed its memory faster than it was sent, with all that the operator's configuration"
                    + " allows; it runs on the source"),
    MigrationCancelled("the VMMigration was deleted, or the VM should stop; the guest stays on the source"),
    AlreadyMigrating("another VMMigration of the same VM is in progress; the message names it"),
    NotAllowedToMove("evictionStrategy is None, so a drain does not migrate the VM"),
    Draining("VMs are being migrated away from the node; the message counts them"),
    Drained("the node is being drained, and no VM is left on it"),
    DrainBlocked("VMs on the node cannot be migrated away; the message says which, and why"),

    // Backups.
    BackupPending(
            "the backup waits for its VM to exist and to run, for a migration of the VM to end, for its disks to be whole,"
                    + " or for another backup of the VM; the message says which"),
    BackupLocationNotFound("no BackupLocation has the name in locationRef"),
    BackupLocationNotInitialized(
            Remedy.Person,
            "spec.id of the BackupLocation is not set, so it does not say which store it means; the message has the command that"
                    + " comes next"),
    BackupLocationReady(
            "the marker of the store that is meant was found on each node that reports the folder, or in the bucket"),
    MarkerMissing(
            "the folder on a node, or the bucket, has no marker: it is not mounted there, is another one, or was never initialized;"
                    + " nothing is written there, and nothing counts as gone"),
    MarkerRefused(
            "the folder on a node, or the bucket, has the marker of another store, or something in its place that is none; the"
                    + " message says which, and nothing is written there"),
    BackupSecretUnusable(
            "the Secret with the account for a backup location's bucket is not in the operator's namespace, has another"
                    + " type, or lacks a key"),
    BackingUp("the backup is being made, and the VM runs meanwhile"),
    BackupCompleted("all of the backup is in its location, and the digest of its index is on record"),
    BackupFailed("the backup was given up; the message says why"),
    BackupInterrupted("the guest ended, left the node or died with it before the backup was complete"),
    BackupReportInvalid(
            "the node reported a completed backup with facts that cannot be true, so none of them is used; the"
                    + " message says which"),
    BackupVerified("all bytes that the backup needs were read and match what was written"),
    BackupDamaged("a file that the backup needs is altered or missing; the message says which"),
    VerificationPending("the backup is being verified, or waits for that"),
    BackupDoubted(
            "the backup in the message, of the same VM in the same location, was found damaged since this one was made or verified, and"
                    + " this one may need the same file; verify it"),
    RemovalPending("the files of the backup are being removed, or that waits for a node, for their location, or for a"
            + " backup of the VM that is being made; the message says which"),
    PacksInUse(
            "the backup is removed, and files of it that others may need stay for now: a backup of the VM is under way in the location,"
                    + " was broken off or is damaged, or others were made or removed meanwhile. The message says which; it is tried"
                    + " again every five minutes"),
    BackupNeeded(
            "the files of the backup stay, because the disks of the VM in the message are not whole yet and need them, or"
                    + " another backup of that VM in the same location"),
    BackupShared("the files of the backup stay, because the VMBackup in the message has the same files and is to stay"),
    BackupProtected("the files of the backup stay, because an annotation protects them"),
    MinimumRetention(
            "the files of the backup stay, because spec.minimumRetention of their BackupLocation has not passed; the message has"
                    + " the time when they may go, and they are removed then"),
    RemovalRefused(
            "the bucket did not let the operator remove the files of the backup, because of Object Lock or of what its account may"
                    + " do; it is tried again every five minutes"),
    ScheduleReady("the VMBackupSchedule creates VMBackups at its times"),
    ScheduleSuspended("spec.suspend of the VMBackupSchedule is true, so it creates no VMBackups"),
    ScheduleInvalid(
            Remedy.Person,
            "schedule or timeZone of a VMBackupSchedule cannot be understood; the message says what of it"),
    BackupsScheduled("a VMBackupSchedule created VMBackups; the message says how many"),
    BackupsMissed(
            "a VMBackupSchedule did not back VMs up that were due, because they or their turn came too late, or their"
                    + " backup before had not ended; the message says which"),
    BackupsCurrent("each VM that the schedule selects has a backup of its last time, or it is not late yet"),
    BackupsOverdue("VMs have no completed backup since the time that the message has"),
    ClocksAgree("the operator's clock and the API server's agree, and nothing on record is dated later than now"),
    ClocksDiffer(
            "the operator's clock and the API server's differ by more than five minutes, or the API server does not say its"
                    + " time; what is later by one of them has not passed, and no backup is removed"),
    RecordedInFuture(
            "backups, or times in the status, are dated later than now, so a clock was wrong; they count for nothing, and"
                    + " stay"),

    // Restores of a VM from one of its backups.
    Restoring(
            "the VM's files are being put back to those of a backup, or copied from it, and it does not start meanwhile"),
    Restored("the VM's files are those of the backup that the spec names; the next start uses them"),
    RestoreFailed(
            Remedy.Person,
            "the restore from the backup that spec.approveRestore names was given up and the VM's files are as they were,"
                    + " so the VM does not start before a user decides; the message says why"),
    CopyFailed(
            "the VM's disks could not be copied from the backup that spec.restoreFrom names; it is tried again by itself, and"
                    + " the message says why it failed"),
    DisksFilling(
            "the VM was started at once from a backup, and its disks are filled while it runs; migrations, backups of it and"
                    + " the removal of the backup wait until they are whole; the message has the percentage"),
    DisksFilled("the VM's disks are whole, and need the backup no more that it was started from at once"),
    BackupImported(
            "an administrator has put a backup on record that this cluster has not made; it is whole if its files are"),
    BackupNotUsable(
            "spec.approveRestore or spec.restoreFrom names a VMBackup that is not there, is not completed, or does not fit the"
                    + " VM; the message says which"),

    // Secure Boot.
    SecureBootOn("the guest's firmware has a platform key, and Secure Boot is not turned off"),
    SecureBootOff("Secure Boot was turned off in the setup of the guest's firmware, or its platform key was deleted;"
            + " Ready has this reason if a policy refuses the next start for it"),
    SecureBootUnknown("no sealed state of the guest's UEFI variables was reported yet"),

    // Virtualization-based security.
    VbsOffered("the guest has nested virtualization, which was proved on its node, an IOMMU, and Secure Boot"),
    VbsNotProved(
            "the guest has nested virtualization, an IOMMU, and Secure Boot, but nothing proves that nested virtualization works"
                    + " on its node; the message says how to see it in the guest"),
    VbsNotOffered("the guest, or the node, lacks what virtualization-based security needs; the message says what"),
    NestedGuestOnAMD(
            "the guest has nested virtualization on a processor of AMD: Linux says that such a guest may not survive a migration."
                    + " The message says how it is allowed for the node"),

    // Consoles.
    ConsoleOpen("the console can be reached at the address in the status"),
    ConsolePending("the VM does not run or does not exist; its console opens when it runs"),
    ConsoleUnavailable("the agent of the VM's node offers no console; the message says what to do"),

    // Downloads of disks of backups.
    DownloadOpen("the disk of the backup can be read at the address in the status"),

    // Guest configuration.
    UserDataNotFound("the Secret in guestConfig does not exist"),
    SecretNotReadable(
            "the VM's namespace does not let the operator read the Secret in guestConfig; the message has the command"
                    + " that grants it"),
    UserDataInvalid(Remedy.Person, "the Secret in guestConfig lacks a required key, or has unknown keys"),
    UserDataTooLarge(Remedy.Person, "the Secret in guestConfig is larger than an incarnation can carry"),

    // Names and keys.
    NamespaceTerminating("the VM's namespace is being deleted"),
    KeyReleased("the VM's key was sealed to the node of an incarnation, which can open the VM's guest state with it"),
    KeyHeld("the Secret with the VM's protection key is there"),
    KeyNotMade("the VM has not been started yet, so it has no protection key"),
    KeyBeingDeleted(
            "the Secret with the VM's protection key was deleted, and only its finalizer keeps it; the message says how to"
                    + " save it"),
    KeyMissing(
            Remedy.Person,
            "the record says that the VM has a TPM, but the Secret with its protection key is gone; restore it"),
    KeyInvalid(Remedy.Person, "the Secret with the protection key does not hold a key"),

    // Taking over a retained VM.
    RetainedVMNotFound("restoreFrom names no VM that was deleted from this namespace with deletionPolicy Retain"),
    RetainedVMInUse("the VM that restoreFrom names was taken over by another VM, or is still being deleted"),
    EscrowUnusable(
            Remedy.Person,
            "the VM that restoreFrom names, or whose backup it names, has no key in this cluster any more, and the backup has no"
                    + " escrow that the cluster's backup key opens; the message says why"),
    KeyRestored("the VM's key was taken from the escrow of the backup that spec.approveRestore names"),
    RestoreMismatch(
            "a field of the spec does not fit the VM or the backup that restoreFrom or approveRestore names; the message has"
                    + " field and value"),

    // Reports of agents.
    DiskTooSmall("osDisk.size is smaller than the image's virtual size; the message has both"),
    ImageFileMissing("the image's file is not in its storage location on this node"),
    DigestMismatch("the image's bytes have another SHA-256 than its GuestImage says"),
    ImageSizeMismatch(
            "the image's source has another size than the catalog or the registry's artifact says; the message"
                    + " has both"),
    ImageSourceMissing("the server or registry has nothing at the image's address"),
    ImageSourceUnreachable(
            "the image's source does not respond, breaks off or asks to be contacted later; what arrived is"
                    + " kept, and the import is tried again"),
    ImageServerUntrusted(
            "the certificate of the image's server is not from a trusted authority, has expired, or has another"
                    + " name"),
    ImageAccessDenied("the image's server requires credentials, or rejects those that were sent"),
    ImageRedirectRefused("the image's server redirects to something other than https, or too often"),
    ImageArtifactUnusable("the registry has something other than an artifact of one layer; the message says what"),
    ImageImporting("the image is being imported into a storage location and verified; the message says how far it is"),
    ImageImported("a verified copy of the image is in the storage location"),
    ImageCopyChanged("a first start found that the imported copy of its image was changed or replaced in the storage"
            + " location. The copy is removed and imported again by itself; find out who writes there"),
    ImageCopyPending("a first start waits for a copy of its image in the VM's storage location, and no import has"
            + " started yet"),
    ImageCopyRemoved("the copy is no longer needed, and its file has been removed from the storage location"),
    ImageCopyLost("the node of a copy no longer has a ClusterNode; the message says which file is there if the host"
            + " still exists"),
    ImageUnusable("the image's file has a format or a feature that is not accepted; the message says which"),
    LocationMissing("the storage location's folder does not exist"),
    LocationNotRestricted("others than root and the hypervisor's group can reach the storage location"),
    LocationReady("the folder is there, restricted, and can be written"),
    LocationUnreachable(
            "the storage location's file system does not respond on the node, for example because a file server"
                    + " is down"),
    LocationShared("each node has read what the others' agents write into the location, so all have the same folder"),
    LocationNotShared("not every node has the same folder there; the message names those that share one"),
    LocationSharingUnproved(
            "only one node has the location ready, or the agents have not had time to read each other's beacons"),
    LocksShared("a lock that one host holds in the storage location is seen on the others"),
    LocksNotShared("a lock that one host holds in the storage location is not seen on another: nothing but the operator"
            + " keeps two guests from one disk. Mount the file system so that locks work between hosts"),
    LocksUntested(
            "it is not known yet whether a lock of one host is seen on another: no two agents that are alive share the"
                    + " storage location, or they have not had the time"),
    NoSpace("the storage location, or the node's own disk, has too little space for the VM"),
    NetworkMissing("a network named in networkInterfaces is not active on the node"),
    NetworkFilterMissing("the libvirt of the node does not have the trafficFilter of a VM's network"),
    EnvelopeRefused("the envelope could not be opened: it is damaged, or is for another node, VM or epoch"),
    FailoverReady("another node shares the VM's storage location, and locks work there or the node's power can be cut"),
    FailoverOff("failoverStrategy is None, so the VM waits for its node"),
    DisksOnOneNode("no other node is proved to share the VM's storage location, so it is lost with its node"),
    FailoverQueued("the VM's node is proved dead; the VM starts on another node in its turn"),
    FailoverRepeated(
            "the VM's node was proved dead soon after an earlier one with this VM: its guest may be the cause"),
    GuestStateLagUnknown("the VM's node was proved dead, and it is not known how old the guest state at home is"),
    AwaitingFence("the VM's node is said to be dead; it is being made sure that nothing contradicts that"),
    PowerProofRequired(
            "only a person's word proves that the VM's former node is dead, and the node that is to start the VM"
                    + " shares no storage location with it, so that it could not see the contrary"),
    FenceContradicted("the VM's node was said to be dead, and was heard again"),
    TpmStateMissing(
            "the record says that the VM has a TPM, but its state is not in the working copy; no new one is" + " made"),
    TpmStateDamaged("the TPM's state cannot be read with the VM's key; no new one is made"),
    WorkingCopyTurnedBack(
            "the TPM state that a guest left in the working copy is older than one that was sealed; it is not"
                    + " sealed again"),
    GuestStateChangedUnwatched(
            "the guest ended while no agent watched, and what it left is not what was sealed last: the guest or"
                    + " someone on its host changed it; the message names the last state that an agent watched"),
    UefiVariablesDamaged("the UEFI variables in the working copy are missing or damaged; no new ones are made"),
    UefiVariablesAltered(
            "the UEFI variables that a guest left in the working copy do not follow from those that were sealed"
                    + " last: they are older, another VM's, or altered; they are not sealed"),
    GuestStateMissing(
            "the record says that the VM's guest state was sealed, but its home holds none; no new one is made"),
    GuestStateWrongLength(
            "the newest guest state in the VM's home is empty, too short or too long, most often because a copy"
                    + " was interrupted"),
    GuestStateUnrecognized(
            "the newest guest state in the VM's home is not a sealed guest state, or its frame was altered"),
    GuestStateAltered("the newest guest state in the VM's home was altered after it was sealed"),
    GuestStateContradictory(
            "the newest guest state in the VM's home is sealed under the VM's key but contradicts itself; only"
                    + " someone with the key can make it"),
    GuestStateUnreadable(
            "a guest state in the VM's home could not be read because of a storage error; it is tried again"),
    GuestStateOfLaterEpoch(
            "the VM's home holds a guest state of a later epoch than the VM has: the record was restored from a"
                    + " backup, or someone put the file there"),
    HomeOfLaterEpoch(
            "the VM's files are not removed yet because its home holds a guest state of a later epoch than this"
                    + " incarnation's: they may be another incarnation's"),
    HomeClaimedElsewhere(
            "the VM's home was claimed by another cluster, or by another node for the same epoch; the message has which: two"
                    + " that were given one VM never both run it"),
    GuestStateOfOtherVm("the newest guest state in the VM's home was sealed for another VM"),
    GuestStateUnderOtherKey("the newest guest state in the VM's home was sealed under another protection key"),
    GuestStateRenamed("the newest guest state in the VM's home is another version than its name says"),
    GuestStateUnsupported("the newest guest state in the VM's home has a later format than the node's agent can read"),
    GuestStateRolledBack("the VM's home holds nothing as new as the last claim or clean stop on record"),
    GuestStateNotApproved("the approved guest state is not in the VM's home or cannot be used"),
    GuestStateApproved("an incarnation started from an older guest state than the newest on record, because a user"
            + " approved it"),
    EscrowNotWritten("the escrow, the protection key sealed for the recovery certificate, could not be written to the"
            + " VM's folder before a start"),
    GuestStateNotSealed(
            "the newest guest state could not be written to the VM's home; a running guest continues, and it is"
                    + " tried again"),
    EkMismatch("the TPM has another endorsement key than the record says; the guest does not run"),
    EkUnproved("the agent reported an endorsement key that does not match the digest that it reported; neither"
            + " goes on record"),
    EpochSuperseded("a later epoch of this VM was seen on this node, so this one never runs here"),
    EarlierIncarnationHere(
            "an earlier epoch of this VM still has a domain on the node; two never run at the same time"),
    DisksIncomplete("the disks in the VM's folder are an unfinished copy that a migration left; the VM starts only"
            + " from its own disks, on the node that it was to leave"),
    DiskUnusable(
            "a disk of the VM refers to another file, or is encrypted, which no disk that the agent made does: it was"
                    + " changed or replaced. The message has the disk; restore it from a backup"),
    DisksMismatch(
            "the machine has other disks than the newest guest state lists, and no removal or addition is on record that"
                    + " explains it: the API server's data is older than the VM's, or the state is. The message has the disks"),
    TooManyRemovedDisks(
            Remedy.Person, "the next start would remove a disk, and as many as are kept were removed already"),
    DiskMissing("a disk of the VM that was made is gone from its storage location; no new one is made"),
    MemoryLost("the agent's record of the VM is gone or damaged, so it cannot know whether this incarnation ran"
            + " already"),
    NotTheOwner("the VM's status names another epoch or node than this incarnation, or a restore that came after it"),
    OwnershipUnread("the VM could not be read from the API server, so its guest does not run"),
    TpmNotResponding(
            "the process that is the TPM of a running guest has ended or is stopped; the guest is not stopped, and the VM"
                    + " does not migrate until it is restarted or the process is continued"),
    DomainLost(
            "libvirtd on the node does not know the domain of a guest that runs; the VM is started nowhere before the guest's"
                    + " process has ended. The message has its number"),
    BackupJobLost(
            "libvirtd ended while it began a backup of the VM, and knows nothing any more of that job; the guest runs on, and"
                    + " is neither backed up nor migrated until it is restarted"),
    HypervisorUnavailable("libvirtd does not respond; running guests are not affected"),
    StartFailed("the hypervisor refused to start the domain; the message has its error"),
    EmulationNotAllowed("KVM does not work on the node, and the agent was not started with --allow-emulation"),
    BootLoaderRefused(
            "the firmware of a running guest has refused to start a boot loader, because Secure Boot does not trust it, and has"
                    + " started none since; the message has its words. The VM can be changed, migrated and stopped as ever"),
    GuestPaused("the hypervisor paused the guest, most often because the disk is full"),
    HostFileFault("a file on the node's disk could not be written or read; it is tried again"),
    AgentFault("the agent had an internal error; it tries again"),

    // Nodes.
    NodeReady("preflight passed and the agent is alive"),
    PreflightPassed("the host has what VMs and their migrations need"),
    PreflightFailed("the host lacks something that VMs or their migrations need; the message says what and why"),
    AgentNotAlive("the agent has not renewed its Lease"),
    HostShuttingDown("a shutdown of the host was announced with trusted-launch-stop-guests: its guests are stopped, and"
            + " none is started"),
    Cordoned("maintenance is Cordon or Drain, so the node takes no new VM"),
    AccessPoliciesMissing(
            "the ValidatingAdmissionPolicies that limit agents to their node and approvals to their author are"
                    + " not installed, or not as this version's chart has them; the message says which"),
    CertificatePending("the node's sealing certificate has not been issued yet"),
    NodeApproved("an administrator approved the node with kubectl tlvm node approve"),
    NodeNotApproved(
            "no administrator approved the node, or its approval was revoked; VMs that are on it keep running, and"
                    + " do not migrate"),
    KubernetesNodeMissing(
            "there is no Kubernetes Node of the ClusterNode's name, so nothing says that it was approved"),
    MemoryReserved("the kubelet keeps from pods what spec.memoryForVMs gives to VMs"),
    MemoryNotReserved(
            "the kubelet keeps less memory from pods than spec.memoryForVMs gives to VMs, so VMs get only as much"
                    + " as it keeps; the message has both"),
    MemoryShared("spec.memoryForVMs is not set, so pods and VMs may take the same memory of the host"),

    // Fences.
    NodeProvedDead("the node's host is proved to be off in that boot, so its VMs start on other nodes"),
    FenceWithdrawn("a NodeFence that proves nothing is removed; the message says why"),
    HostIsolated(
            "the node is silent, but its host still writes into a storage location, so its power is not cut automatically"),
    FenceReleased("the node that was proved dead is back in another boot"),

    // Fence devices.
    FenceDeviceReady(
            "the management controller answered, with the credentials of its Secret, for the machine of its node"),
    FenceDeviceUnverified("the management controller answered over IPMI, where nothing proves which machine it is in"),
    FenceDeviceUnreachable("the management controller does not answer; the message has the error"),
    FenceDeviceFault("the management controller answers otherwise than Redfish says; the message has the response"),
    WrongPassword(Remedy.Person, "the management controller refuses the username or the password of its Secret"),
    WrongMachine(
            Remedy.Person,
            "the management controller is in another machine than the node's, so nothing is switched by it"),
    MachineConfirmed("spec.machineUUID of the ClusterNode is set, and its host reports no other machine"),
    MachineChanged(
            "the host reports another machine than spec.machineUUID of its ClusterNode, so its power is not cut automatically"),
    MachineUnknown("the UUID of the node's machine is not known, so it cannot be compared, and nothing is switched"),
    UntrustedCertificate(
            Remedy.Person,
            "the management controller's certificate is not one that ca.crt of its Secret verifies for its address"),
    FenceSecretNotFound("the Secret that a FenceDevice names is not in the fencer's namespace"),
    FenceSecretInvalid(
            Remedy.Person,
            "the Secret that a FenceDevice names lacks a key, or is for another node or another address"),
    PoweredOff("the fencer cut the power of a node's machine, and observed twice that it is off"),
    TooManyNodesSilent(
            "no node's power is cut automatically, because so many nodes are silent that the network is the likelier fault"),
    PowerOffFailed("the fencer tried to cut the power of a node's machine, and did not observe twice that it is off"),

    // Backups, as their agents report them.
    BackupLocationUnavailable(
            "the folder of the backup location is missing on the VM's node, or cannot be read or written, or its bucket"
                    + " cannot be reached or does not accept the account; or it is not known to be the store that the location"
                    + " means; the message has the error"),
    GuestNotHere("the guest that a backup is to be made of does not run on its node"),
    Quiesced("the guest agent had frozen the guest's file systems for the instant of the backup"),
    NoGuestAgent("no guest agent is connected in the guest, so its file systems were not frozen for the backup; install"
            + " qemu-guest-agent"),
    FreezeTimedOut("the guest agent did not answer in time, so the guest's file systems count as not frozen"),
    FreezeFailed("the guest agent could not freeze the guest's file systems"),
    BackupGaveWay("the VM migrates or stops, or its node shuts down, so its backup was broken off"),
    BackupCancelled("the backup was deleted while it was made"),
    AgentRestarted("the agent was stopped, or died, while it made the backup"),
    BackupNotAtOneInstant(
            "the guest changed its TPM or its UEFI variables at each attempt to save them with its disks"),
    DownloadRefused("a VMBackupDownload or its client asks for something that the backup or the node does not have"),
    DownloadEnded("a download was broken off: its session is over, or its client read nothing for some minutes"),
    DiskCopyFailed("QEMU, or a tool that copies disks, failed during a backup; the message has the error"),

    // Restores, as their agents report them.
    RestoreUnfinished(
            "the VM's folder has files of a backup that are not all in their places yet, so nothing starts from it"),

    // Identity.
    CertificateIssued("a node certificate was issued for the requester's own node"),
    CertificateDenied("a certificate request was refused; the message says why");

    private final Remedy remedy;
    private final String appearsWhen;

    Reason(String appearsWhen) {
        this(Remedy.Itself, appearsWhen);
    }

    Reason(Remedy remedy, String appearsWhen) {
        this.remedy = remedy;
        this.appearsWhen = appearsWhen;
    }

    /** Empty if it is none of ours: its reporter may be newer, or lie. */
    public static Optional<Reason> named(String name) {
        return Stream.of(values()).filter(reason -> reason.name().equals(name)).findFirst();
    }

    /**
     * The reason of an agent. What only the operator decides it cannot say, so that no node's word stalls another object.
     *
     * @param name may be anything
     */
    public static Optional<Reason> reported(String name) {
        return named(name).filter(reason -> reason.remedy() == Remedy.Itself);
    }

    /** What ends the state. */
    public Remedy remedy() {
        return remedy;
    }

    /** One clause for the documentation: "appears when …". */
    public String appearsWhen() {
        return appearsWhen;
    }
}
