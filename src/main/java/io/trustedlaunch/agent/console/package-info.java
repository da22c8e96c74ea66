/**
 * Serial consoles for users: the sessions of VMConsoles. Of two clients, the later one gets the console. Also the logs of all consoles,
 * on the host's own disk.
 */
package io.trustedlaunch.agent.console;
