/**
 * The controllers of what becomes of a VMBackup after it has ended, and of the StoredBackupRuns for it: its files are verified, or
 * removed, by the agent of a node.
 */
package io.trustedlaunch.operator.storedbackup;
