package io.trustedlaunch.api;

/**
 * Every reason that a condition, an event or an incarnation's status can carry. Each says when it appears;
 * {@code docs/conditions.md} is generated from here.
 */
public enum Reason {
    // A VM's course.
    Running("the guest runs on the node and for the epoch on record"),
    Halted("the VM is off, as its spec asks"),
    Succeeded("runStrategy is RerunOnFailure and the guest shut itself down"),
    Starting("the present life is being prepared on its node"),
    Stopping("the guest was asked to shut down; when the grace period ends its power is cut"),
    Stopped("the life is over and its state kept"),
    Deleting("the VM is being deleted: guest, key and files go, or with deletionPolicy Retain only the guest"),
    Retained("the VM was deleted with deletionPolicy Retain: the message has the UID that restoreFrom takes"),
    Restarting("the guest ended although it should run; another life is being prepared"),
    Adopted("a node has a later life of the VM than the record, as after a restore of the API server's data"),
    NodeLost("the VM was deleted, and a node that cannot be reached may still have files of it; without the key"),

    // Images and policies.
    ImageNotFound("no GuestImage has the name in imageRef"),
    EligibleByRule("a rule of a policy allows the image; the message names both"),
    NoPolicy("there is no ImageEligibilityPolicy, so nothing is eligible"),
    NoRuleAllows("no rule of any policy allows the image; the message names the nearest and what refused it"),
    ExceptedByRule("a rule would allow the image, but names it in exceptSKUs"),
    ProvenanceMissing(
            "a rule allows the image, but its policy asks for signed provenance, and no catalog vouches for it"),
    IdentifierConflict("another GuestImage has the same identifier and version, and a different digest"),
    ImageAccepted("the image can be used"),
    Generation1("a catalog says that the image is of generation 1: it boots without UEFI, so without Secure Boot"),
    OtherArchitecture("a catalog says that the image is for another architecture than x64"),
    OsTypeMismatch("a catalog says that the image has another OS type than its GuestImage"),
    DigestUnknown("the GuestImage has no sha256, and no catalog in force lists its identifier and version"),
    DigestAmbiguous("the GuestImage has no sha256, and catalogs in force have different ones; the message names them"),
    DigestPending("the GuestImage has no sha256, and the one that a catalog has is not on record yet"),
    DigestChanged("no catalog in force has the digest any more that the image was resolved to; it is never changed"),
    PullSecretNotFound(
            "the Secret that an image's or a catalog's source names for credentials is not in the operator's namespace"),
    PullSecretInvalid(
            "the Secret that an image's or a catalog's source names has another type, or lacks what is needed"),

    // Catalogs.
    CatalogInForce("the catalog vouches for the images that it lists; the message has its serial"),
    CatalogKeyInvalid("a text in publicKeys is no public key that catalogs are verified with; the message says which"),
    CatalogMissing("the ConfigMap with the catalog is not there, or lacks it"),
    CatalogUnreachable("the catalog cannot be fetched; the message has the server's answer or the fault"),
    CatalogTooLarge("the catalog is longer than 512 KiB"),
    CatalogUnsigned("there is no signature beside the catalog"),
    CatalogSignatureInvalid("the signature is of none of the public keys, or of other bytes"),
    CatalogMalformed("the catalog is signed, and is not of the form that is read; the message says where"),
    CatalogExpired("the time in the catalog's expires is over"),
    CatalogOlder("the catalog's serial is lower than one that was accepted, or the same for other contents"),

    // Placing.
    Placed("the message names the node"),
    NoNodes("no ClusterNode exists: no agent has registered a host"),
    NoNodeFits("every node was rejected; the message says why, node by node, or of many nodes reason by reason"),
    WorkingCopyElsewhere(
            "the VM starts again only on the node of its last life, which cannot take it now: the newest guest state may"
                    + " lie only there, or the VM's folder does; the message says which"),
    StorageLocationNotFound("no StorageLocation has the name in storageLocationRef"),
    AwaitingInventory("the operator has just begun to lead, and a node has not yet said which domains it has"),

    // Moving.
    Migratable("the VM runs, and at least one other node could take it over now"),
    NotRunning("a VM that does not run is not moved while it runs: it starts on whichever node fits"),
    MigrationPending("the move waits for its turn, or for the VM to run; the message says which"),
    Migrating("the VM is being moved, and runs on at the source meanwhile"),
    Migrated("the guest goes on at the target, with its own TPM"),
    MigrationFailed("the move was given up and the guest goes on at the source; the message says why"),
    FolderInTheWay(
            "a VM's disks are to be copied to a node that has a folder of the VM already, which nobody made for that"),
    MigrationNotConverging(
            "the guest changed its memory faster than it got to the target, with all that the operator's configuration allows;"
                    + " it goes on at the source"),
    MigrationCancelled("the VMMigration was deleted, or the VM is to stop: the guest goes on at the source"),
    AlreadyMigrating("another VMMigration of the same VM is under way; the message names it"),
    NotAllowedToMove("evictionStrategy is None: the VM is not moved by a drain"),
    Draining("VMs are being moved away from the node; the message counts them"),
    Drained("maintenance is Drain, and no VM is on the node any more"),
    DrainBlocked("VMs on the node cannot be moved away; the message says which, and why"),

    // Consoles.
    ConsoleOpen("the console can be reached, at the address in the status"),
    ConsolePending("the VM does not run, or is not there: its console opens as soon as it runs"),
    ConsoleUnavailable("the agent of the VM's node offers no console; the message says what to do"),

    // Guest configuration.
    UserDataNotFound("the Secret in guestConfig does not exist"),
    UserDataInvalid("the Secret in guestConfig lacks the key that is needed, or has others"),
    UserDataTooLarge("the Secret in guestConfig has more bytes than fit into an incarnation"),

    // Names and keys.
    NamespaceTerminating("the VM's namespace is going away"),
    KeyMissing("the record says that the VM has a TPM, but its protection key's Secret is gone: restore it"),
    KeyInvalid("the protection key's Secret does not hold a key"),

    // Taking over a retained VM.
    RetainedVMNotFound("restoreFrom names no VM that was deleted from this namespace with deletionPolicy Retain"),
    RetainedVMInUse("the VM that restoreFrom names has been taken over by another, or is still being deleted"),
    RestoreMismatch("a field of the spec does not fit the VM that restoreFrom names; the message has field and value"),

    // What an agent finds.
    DiskTooSmall("osDisk.size is smaller than the image's virtual size; the message has both"),
    ImageFileMissing("the image's file is not in its storage location on this node"),
    DigestMismatch("the image's bytes have another SHA-256 than its GuestImage says"),
    ImageSizeMismatch(
            "the image's source has another number of bytes than the catalog or the registry's artifact says; the message"
                    + " has both"),
    ImageSourceMissing("the server or the registry has nothing where the image should be"),
    ImageSourceUnreachable(
            "the image's source does not answer, breaks off or wants to be asked later; what came is kept, and it is asked"
                    + " again by itself"),
    ImageServerUntrusted(
            "the certificate of the image's server is of no authority that is trusted for it, is over, or has another name"),
    ImageAccessDenied("the image's server wants credentials, or does not take those that it was shown"),
    ImageRedirectRefused("the image's server leads to something else than https, or too far"),
    ImageArtifactUnusable("the registry has something else than an artifact of one layer; the message says what"),
    ImageImporting("the image is being brought to a storage location and verified; the message says how far it is"),
    ImageImported("a verified copy of the image is in the storage location"),
    ImageCopyPending(
            "a first start waits for a copy of its image in the VM's storage location, which nobody has begun"),
    ImageCopyRemoved("the copy is not needed any more, and its file is gone from the storage location"),
    ImageCopyLost(
            "the node of a copy has no ClusterNode any more; the message says which file lies there, if the host still does"),
    ImageUnusable("the image's file has a format or a feature that is not accepted; the message says which"),
    LocationMissing("the storage location's folder is not there"),
    LocationNotRestricted("others than root and the hypervisor's group can reach the storage location"),
    LocationReady("the folder is there, restricted, and can be written"),
    LocationUnreachable(
            "the storage location's file system does not answer on the node, as when a file server is gone"),
    LocationShared("each node read what the others' agents write into the location, so that all have the same folder"),
    LocationNotShared("not every node has the same folder there; the message names those that have one together"),
    LocationSharingUnproved("only one node has the location ready, or the agents have not had time to read each other"),
    NoSpace("the storage location, or the node's own disk, has no room for what the VM needs there"),
    NetworkMissing("a network named in networkInterfaces is not active on the node"),
    EnvelopeRefused("the envelope could not be opened: it is for another node, VM or epoch, or damaged"),
    TpmStateMissing("the record says that the VM has a TPM, but its state is not in the working copy; never made anew"),
    TpmStateDamaged("the TPM's state cannot be read with the VM's key; never made anew"),
    WorkingCopyTurnedBack(
            "the TPM state that a guest left in the working copy is one that was sealed before a newer one; it is not sealed"
                    + " again"),
    GuestStateChangedUnwatched(
            "what a guest left had changed since it was sealed last, and it ended while no agent watched: by the guest or by"
                    + " somebody on its host; the message names the last state that an agent watched"),
    UefiVariablesDamaged("the UEFI variables in the working copy are missing or damaged; never made anew"),
    UefiVariablesAltered(
            "the UEFI variables that a guest left in the working copy are nothing that firmware made of those that were sealed"
                    + " last: older ones, another VM's, or altered; they are not sealed"),
    GuestStateMissing("the record says that the VM's guest state was sealed, and its home holds none; never made anew"),
    GuestStateWrongLength(
            "the newest guest state in the VM's home is empty, cut short or too long: a copy that was broken off, most often"),
    GuestStateUnrecognized(
            "the newest guest state in the VM's home is no sealed guest state, or was altered in what frames it"),
    GuestStateAltered("the newest guest state in the VM's home was altered after it was sealed"),
    GuestStateContradictory(
            "the newest guest state in the VM's home is under the VM's key and contradicts itself, as only who has the key"
                    + " can make it"),
    GuestStateUnreadable(
            "a guest state in the VM's home could not be read, for an error of the storage; it is tried again"),
    GuestStateOfLaterEpoch(
            "the VM's home holds a guest state of a later epoch than the VM has: the record was restored from a backup, or"
                    + " somebody put the file there"),
    GuestStateOfOtherVm("the newest guest state in the VM's home was sealed for another VM"),
    GuestStateUnderOtherKey("the newest guest state in the VM's home was sealed under another protection key"),
    GuestStateRenamed("the newest guest state in the VM's home is another version than its name says"),
    GuestStateUnsupported("the newest guest state in the VM's home has a later format than the node's agent reads"),
    GuestStateRolledBack("the VM's home holds nothing as new as the last claim or clean stop on record"),
    GuestStateNotApproved("the approved guest state is not in the VM's home or cannot be used"),
    GuestStateApproved("a life began with an older guest state than the newest on record, since a user approved it"),
    EscrowNotWritten(
            "the protection key, sealed for the recovery key, could not be written to the VM's folder, as it is before every"
                    + " start"),
    GuestStateNotSealed(
            "the newest guest state could not be written to the VM's home; a guest runs on, and it is tried again"),
    EkMismatch("the TPM has another endorsement key than the record says; the guest does not run"),
    EkUnproved("the agent told an endorsement key that does not fit the digest that it told; neither goes on record"),
    EpochSuperseded("a later epoch of this VM was seen on this node, so this one never runs here"),
    EarlierIncarnationHere("an earlier epoch of this VM still has a domain on the node; two are never run"),
    DiskMissing("a disk of the VM was made once and is gone from its storage location; it is never made anew"),
    MemoryLost("the agent's record of the VM is gone or damaged, so that it cannot tell whether this life ran already"),
    NotTheOwner("the VM's status names another epoch or node than this incarnation"),
    OwnershipUnread("the VM could not be read from the API server, so its guest is not let run"),
    HypervisorUnavailable("libvirtd does not answer; running guests are not touched"),
    StartFailed("the hypervisor refused to start the domain; the message has its words"),
    EmulationNotAllowed("KVM does not work on the node and the agent was not started with emulation allowed"),
    GuestPaused("the hypervisor paused the guest, most often for want of disk space"),
    HostFileFault("a file on the node's disk could not be written or read; it is tried again"),
    AgentFault("the agent met an error of its own; it tries again"),

    // Nodes.
    NodeReady("preflight passed and the agent is alive"),
    PreflightFailed("a capability that every VM needs is missing; the message says which and why"),
    AgentNotAlive("the agent has not renewed its Lease"),
    HostShuttingDown(
            "a shutdown of the host was announced there (trusted-launch-stop-guests): its guests are stopped, none is started"),
    Cordoned("maintenance is Cordon or Drain: the node takes no new VM"),
    AccessPoliciesMissing(
            "the ValidatingAdmissionPolicies that hold agents to their node, and approvals to their author, are not installed"),
    CertificatePending("the node's sealing certificate has not been issued yet"),

    // Identity.
    CertificateIssued("a node certificate was issued for the requester's own node"),
    CertificateDenied("a certificate request was refused; the message says why");

    private final String appearsWhen;

    Reason(String appearsWhen) {
        this.appearsWhen = appearsWhen;
    }

    /** One clause for the documentation: "appears when …". */
    public String appearsWhen() {
        return appearsWhen;
    }
}
