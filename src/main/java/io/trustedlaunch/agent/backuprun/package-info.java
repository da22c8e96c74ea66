/**
 * Backups of VMs of this host, as BackupRuns request them: read at one instant with the guest state, and saved straight in the
 * backup location. What a run has begun is on record, so that whatever ends it ends that, too.
 */
package io.trustedlaunch.agent.backuprun;
