/** The record, on this host's disk, of what runs have begun, and the step of a run that follows from it. */
package io.trustedlaunch.agent.backuprun.record;
