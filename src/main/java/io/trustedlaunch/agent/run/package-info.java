/**
 * Shared by runs of backups and of restores: how their status is read and built, the opened backup location, the room that they
 * leave, and a watch over what they wait for.
 */
package io.trustedlaunch.agent.run;
