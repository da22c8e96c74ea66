/** What runs have begun, on this host's disk, and what follows from it. */
package io.trustedlaunch.agent.backuprun.record;
