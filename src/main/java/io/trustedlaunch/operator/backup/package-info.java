/**
 * The controllers of VMBackups, BackupRuns and RestoreRuns: when a backup begins and on which node, what its agent reports of
 * it, and when a run is removed.
 */
package io.trustedlaunch.operator.backup;
