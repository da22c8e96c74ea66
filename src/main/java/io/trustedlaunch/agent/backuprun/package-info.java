/**
 * Backups of guests that run here, as BackupRuns request them: staged beside the disks, at one instant with the guest state,
 * and uploaded to the backup location. What a run has begun is on record, so that whatever ends it ends that, too.
 */
package io.trustedlaunch.agent.backuprun;
