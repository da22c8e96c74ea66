/**
 * The controller of VMBackupSchedules: which VMBackups are created when.
 *
 * <p>Each VM is due at an instant of its own, soon after the time of the schedule, so that all due instants are in one order.
 * The last one that was handled is on record, and nothing else is needed to go on after a restart: what is later is still to be
 * done, and a VMBackup that was created just before has the name that it would get again.
 */
package io.trustedlaunch.operator.backupschedule;
