/** Shared by runs of backups and of restores: the opened bucket, the room they leave, and a watch over what they wait for. */
package io.trustedlaunch.agent.run;
