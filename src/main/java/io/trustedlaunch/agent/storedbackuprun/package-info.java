/**
 * Removal and verification of backups that have ended, as StoredBackupRuns request them. That needs neither guest nor key, so any
 * node that has the backup location does it.
 */
package io.trustedlaunch.agent.storedbackuprun;
