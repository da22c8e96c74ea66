/**
 * Restores of stopped VMs from their backups, as RestoreRuns request them. How far one is shows in the VM's folder, so that any
 * process, on any node that shares the folder, goes on where another one died.
 */
package io.trustedlaunch.agent.restorerun;
