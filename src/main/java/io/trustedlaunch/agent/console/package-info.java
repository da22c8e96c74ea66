/**
 * Serial consoles for users, on a port of their own. A client needs the key that a VMConsole names. The API server
 * decides who may create one, the operator which node it names; of two clients, the later one gets the console. Also the logs of all
 * consoles, on the host's own disk.
 */
package io.trustedlaunch.agent.console;
