/**
 * The one instant of disks and guest state, for which a guest may be frozen and paused, and what lets it go on if the agent
 * dies in it.
 */
package io.trustedlaunch.agent.backuprun.instant;
