/**
 * The controllers of VMBackups and BackupRuns: when a backup begins and on which node, what its agent reports of it, and when
 * the run is removed.
 */
package io.trustedlaunch.operator.backup;
