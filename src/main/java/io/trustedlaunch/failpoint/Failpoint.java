package io.trustedlaunch.failpoint;

/**
 * A point where a test can make a process die. Each is between two steps of a start, a stop, a deletion, a migration, an
 * import, a backup or a restore: the first step is done, the second is not. {@code source} and {@code target} are the agents of
 * a migration, {@code importer} is that of an image's copy, and {@code copies} is the operator's handling of image copies.
 */
public enum Failpoint {
    OPERATOR_KEY_MADE("operator.key-made"),
    OPERATOR_EPOCH_RESERVED("operator.epoch-reserved"),
    OPERATOR_INCARNATION_CREATED("operator.incarnation-created"),
    OPERATOR_MIGRATION_RESERVED("operator.migration-reserved"),
    OPERATOR_DEPARTURE_HANDED("operator.departure-handed"),
    OPERATOR_MIGRATION_ENDED("operator.migration-ended"),
    OPERATOR_HANDOFF_CONFIRMED("operator.handoff-confirmed"),
    OPERATOR_STATUS_WRITTEN("operator.status-written"),
    OPERATOR_DEVICES_REQUESTED("operator.devices-requested"),
    OPERATOR_STOP_REQUESTED("operator.stop-requested"),
    OPERATOR_ENVELOPE_REMOVED("operator.envelope-removed"),
    OPERATOR_OLD_INCARNATION_REMOVED("operator.old-incarnation-removed"),
    OPERATOR_ERASE_REQUESTED("operator.erase-requested"),
    OPERATOR_KEY_DESTROYED("operator.key-destroyed"),
    OPERATOR_INCARNATION_REMOVED("operator.incarnation-removed"),
    OPERATOR_VM_RETAINED("operator.vm-retained"),
    OPERATOR_KEY_RESTORED("operator.key-restored"),
    OPERATOR_RETAINED_VM_CLAIMED("operator.retained-vm-claimed"),
    OPERATOR_VM_RELEASED("operator.vm-released"),
    OPERATOR_FENCE_REQUESTED("operator.fence-requested"),
    OPERATOR_FENCE_FENCING("operator.fence-fencing"),
    OPERATOR_FENCE_PROVED("operator.fence-proved"),
    OPERATOR_FENCE_RELEASED("operator.fence-released"),
    OPERATOR_BACKUP_RUN_CREATED("operator.backup-run-created"),
    OPERATOR_SCHEDULED_BACKUP_CREATED("operator.scheduled-backup-created"),
    OPERATOR_RESTORE_BEGUN("operator.restore-begun"),
    OPERATOR_RESTORE_RUN_CREATED("operator.restore-run-created"),

    AGENT_EPOCH_RECORDED("agent.epoch-recorded"),
    AGENT_DISKS_MADE("agent.disks-made"),
    AGENT_TPM_MADE("agent.tpm-made"),
    AGENT_COPY_WRITTEN("agent.copy-written"),
    AGENT_DOMAIN_CREATED("agent.domain-created"),
    AGENT_EK_PROBED("agent.ek-probed"),
    AGENT_ESCROW_WRITTEN("agent.escrow-written"),
    AGENT_ESCROW_NAMED("agent.escrow-named"),
    AGENT_SEALED_FILE_WRITTEN("agent.sealed-file-written"),
    AGENT_SEALED_FILE_NAMED("agent.sealed-file-named"),
    AGENT_GUEST_STATE_SEALED("agent.guest-state-sealed"),
    AGENT_HOME_CLAIMED("agent.home-claimed"),
    AGENT_EK_REPORTED("agent.ek-reported"),
    AGENT_OWNERSHIP_READ("agent.ownership-read"),
    AGENT_RESUME_RECORDED("agent.resume-recorded"),
    AGENT_RESUMED("agent.resumed"),
    AGENT_RUNNING_REPORTED("agent.running-reported"),
    AGENT_DISK_ADDED("agent.disk-added"),
    AGENT_DISKS_LISTED("agent.disks-listed"),
    AGENT_DEVICES_CHANGED("agent.devices-changed"),
    AGENT_SHUTDOWN_REQUESTED("agent.shutdown-requested"),
    AGENT_LAST_STATE_SEALED("agent.last-state-sealed"),
    AGENT_COPY_ERASED("agent.copy-erased"),
    AGENT_DOMAIN_GONE("agent.domain-gone"),
    AGENT_STOP_REPORTED("agent.stop-reported"),
    AGENT_STATE_ERASED("agent.state-erased"),
    AGENT_DISKS_ERASED("agent.disks-erased"),
    AGENT_ERASE_REPORTED("agent.erase-reported"),

    BACKUP_RECORDED("backup.recorded"),
    BACKUP_STAGED("backup.staged"),
    BACKUP_FREEZE_RECORDED("backup.freeze-recorded"),
    BACKUP_BEGUN("backup.begun"),
    BACKUP_PAUSE_RECORDED("backup.pause-recorded"),
    BACKUP_TAKEN("backup.taken"),
    BACKUP_COPIED("backup.copied"),
    BACKUP_JOB_ENDED("backup.job-ended"),
    BACKUP_UPLOADED("backup.uploaded"),
    BACKUP_RESULT_RECORDED("backup.result-recorded"),
    BACKUP_COMMITTED("backup.committed"),
    BACKUP_CLEARED("backup.cleared"),
    BACKUP_REPORTED("backup.reported"),
    REMOVAL_INDEX_REMOVED("removal.index-removed"),
    REMOVAL_FILES_REMOVED("removal.files-removed"),

    RESTORE_MADE("restore.made"),
    RESTORE_COMMITTED("restore.committed"),
    RESTORE_ASIDE_MADE("restore.aside-made"),
    RESTORE_FILE_SET_ASIDE("restore.file-set-aside"),
    RESTORE_DISK_PLACED("restore.disk-placed"),
    RESTORE_STATE_PLACED("restore.state-placed"),

    SOURCE_DEPARTURE_RECORDED("source.departure-recorded"),
    SOURCE_HOME_GIVEN("source.home-given"),
    SOURCE_MIGRATION_STARTED("source.migration-started"),
    SOURCE_UNDERWAY_REPORTED("source.underway-reported"),
    SOURCE_MIGRATION_ABORTED("source.migration-aborted"),
    SOURCE_RESUMED("source.resumed"),
    SOURCE_STAYED_RECORDED("source.stayed-recorded"),
    SOURCE_STAYED_REPORTED("source.stayed-reported"),
    SOURCE_LEFT_RECORDED("source.left-recorded"),
    SOURCE_HANDOFF_SENT("source.handoff-sent"),
    SOURCE_LEFT_REPORTED("source.left-reported"),
    SOURCE_HANDED_OVER("source.handed-over"),
    SOURCE_FOLDER_CLEARED("source.folder-cleared"),

    TARGET_ARRIVAL_RECORDED("target.arrival-recorded"),
    TARGET_DISKS_MADE("target.disks-made"),
    TARGET_COPIES_REMOVED("target.copies-removed"),
    TARGET_RECEIVING_REPORTED("target.receiving-reported"),
    TARGET_EK_PROBED("target.ek-probed"),
    TARGET_VARIABLES_COMPLETED("target.variables-completed"),
    TARGET_HOME_CLAIMED("target.home-claimed"),
    TARGET_COPY_KEPT("target.copy-kept"),
    TARGET_RESUME_RECORDED("target.resume-recorded"),
    TARGET_RESUMED("target.resumed"),

    COPIES_COPY_MADE("copies.copy-made"),
    COPIES_REMOVAL_REQUESTED("copies.removal-requested"),
    COPIES_COPY_RELEASED("copies.copy-released"),

    IMPORTER_FETCHED("importer.fetched"),
    IMPORTER_PUBLISHED("importer.published"),
    IMPORTER_READY_REPORTED("importer.ready-reported"),
    IMPORTER_FILE_REMOVED("importer.file-removed"),
    IMPORTER_REMOVAL_REPORTED("importer.removal-reported");

    private final String id;

    Failpoint(String id) {
        this.id = id;
    }

    /** The name of the file that arms it. */
    public String id() {
        return id;
    }
}
