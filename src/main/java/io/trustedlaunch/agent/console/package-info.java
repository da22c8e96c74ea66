/**
 * Serial consoles and screens for users: the sessions of VMConsoles. Of two users, the later one gets it. Also the logs of all consoles,
 * on the host's own disk.
 */
package io.trustedlaunch.agent.console;
