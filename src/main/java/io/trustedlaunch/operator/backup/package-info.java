/**
 * The controllers of VMBackups, BackupRuns, RestoreRuns and DiskFills: when a backup begins and on which node, what its agent
 * reports of it, when a run is removed, and which backups stay for VMs that need them.
 */
package io.trustedlaunch.operator.backup;
