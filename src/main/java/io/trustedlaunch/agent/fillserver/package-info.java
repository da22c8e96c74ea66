/**
 * The process that serves a backup's disks to QEMU while a VM that was started from it at once is filled, and how an agent
 * starts it and speaks to it. It is none of the agent's: a guest reads through it, also while no agent runs.
 */
package io.trustedlaunch.agent.fillserver;
