package io.trustedlaunch.api;

/** Names that are part of the API: group, version, labels, annotations, types and finalizers. */
public final class Api {
    public static final String GROUP = "trustedlaunch.io";
    public static final String VERSION = "v1alpha1";

    /** The category of every kind: {@code kubectl get trustedlaunch} lists them all. */
    public static final String CATEGORY = "trustedlaunch";

    /** Set by the operator on what it makes for a VM; the value is the VM's UID. */
    public static final String LABEL_VM_UID = GROUP + "/vm-uid";

    /** Set by the operator on what it makes for an image; the value is the GuestImage's UID. */
    public static final String LABEL_IMAGE_UID = GROUP + "/image-uid";

    /** Label of the VMMigrations that the drain of a node makes; the value is the node's name. */
    public static final String LABEL_DRAIN = GROUP + "/drain";

    /** Label of the VMBackups that a VMBackupSchedule makes; the value is its name. */
    public static final String LABEL_BACKUP_SCHEDULE = GROUP + "/backup-schedule";

    /** Annotation of such a VMBackup: the time of the schedule that it is for; RFC 3339, UTC. */
    public static final String SCHEDULED_AT = GROUP + "/scheduled-at";

    /** Annotation of a VMBackup: "true" has its files removed from their location, and then the VMBackup. */
    public static final String REMOVE_BACKUP = GROUP + "/remove-files";

    /** Annotation of a VMBackup: "true" keeps its files from being removed, by its schedule and by REMOVE_BACKUP. */
    public static final String PROTECTED_BACKUP = GROUP + "/protected";

    /** Annotation of a VMBackup: has its files verified once for every new value, as a time. */
    public static final String VERIFY_BACKUP = GROUP + "/verify-requested-at";

    /** Annotation of a VMBackupSchedule: has it back up each VM that it selects once for every new value, as a time. */
    public static final String RUN_SCHEDULE = GROUP + "/run-requested-at";

    /** Annotation of a VMBackup that an administrator imports: "true" keeps the operator from making it. */
    public static final String IMPORTED_BACKUP = GROUP + "/imported";

    /** Annotation of a BackupLocation: has the marker of its store made, once; a {@code MarkerOrder}. */
    public static final String INITIALIZE = GROUP + "/initialize";

    /** Annotation of a node's Lease, as its agent renews it; the value names the host's present boot. */
    public static final String BOOT_ID = GROUP + "/boot-id";

    /** Label of the pods that stand for the VMs of a node; the value says in which way. */
    public static final String LABEL_GUARD = GROUP + "/guard";

    /** Finalizer of a TrustedLaunchVM, and of a protection key while guest state exists. */
    public static final String FINALIZER = GROUP + "/guest-state";

    /** Finalizer of an ImageCopy, as long as its agent has not said that its file is gone. */
    public static final String IMAGE_FINALIZER = GROUP + "/image-file";

    /** Type of the Secret that holds a VM's protection key; its name is the VM's UID. */
    public static final String PROTECTION_KEY_TYPE = GROUP + "/protection-key";

    /** Type of the Secret that holds the last good catalog of an ImageCatalog. */
    public static final String IMAGE_CATALOG_TYPE = GROUP + "/image-catalog";

    /** Type of a Secret whose {@code token} is shown to the web server that an image comes from. */
    public static final String BEARER_TOKEN_TYPE = GROUP + "/bearer-token";

    /** Annotation of the protection key's Secret of a VM that was deleted and kept: a {@code RetainedVMRecord} as JSON. */
    public static final String RETAINED_VM = GROUP + "/retained-vm";

    /**
     * Annotation of such a Secret: UID of the one VM object that has taken the VM over; it may not while another's is there.
     */
    public static final String TAKEN_OVER_BY = GROUP + "/taken-over-by";

    /**
     * Annotation of a TrustedLaunchVM: restarts the guest once for every new value, as a time, so that a manifest can ask for it
     * and an old one does not ask again.
     */
    public static final String RESTARTED_AT = GROUP + "/restartedAt";

    /**
     * Annotation of a TrustedLaunchVM: the epoch of a guest whose power is cut as soon as it has to stop. Later guests are not
     * affected, so the annotation can stay.
     */
    public static final String FORCE_STOP = GROUP + "/force-stop";

    /**
     * Annotation of a TrustedLaunchVM: NodeFences, separated by commas, that its start relies on although only a person's word is
     * their proof, and no node could have contradicted it. Each names one boot of one host, so the annotation can stay.
     */
    public static final String ACCEPTED_FENCE = GROUP + "/accepted-fence";

    /** Annotation of the operator's Lease: its last mark, which each agent remembers. */
    public static final String MARK = GROUP + "/mark";

    /** Annotation of a default object that the operator made: the spec that it applied last, as JSON. */
    public static final String APPLIED_DEFAULT = GROUP + "/applied-default";

    private Api() {}
}
